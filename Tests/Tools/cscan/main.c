// A bare scan of a tree: the system calls that treeline's own scan makes, and nothing kept but a
// count. `cscan DIR` scans; `cscan --make DIR DIRECTORIES FILES` makes a tree to scan.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LISTXATTRAT 465  // Linux 6.13

struct handle {
  unsigned bytes;
  int type;
  unsigned char value[128];
};

static long entries, torn;

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

// Handle and attributes are two looks: where the inode numbers disagree, the entry is opened.
static void agree(int directory, const char *name, const struct handle *handle, uint64_t inode) {
  uint32_t of_handle;
  memcpy(&of_handle, handle->value, sizeof of_handle);
  if (handle->type != 1 || handle->bytes != 8 || of_handle == (uint32_t)inode) return;
  torn++;
  int opened = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (opened >= 0) close(opened);
}

static void scan(int directory) {
  char *buffer = malloc(65536), *below = NULL;
  size_t used = 0, room = 0;
  long count;
  while ((count = syscall(SYS_getdents64, directory, buffer, 65536)) > 0) {
    for (long at = 0; at < count;) {
      struct dirent64 *entry = (struct dirent64 *)(buffer + at);
      const char *name = entry->d_name;
      at += entry->d_reclen;
      if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
      struct handle handle = {.bytes = 128};
      int mount;
      struct statx status;
      char list[1024];
      if (name_to_handle_at(directory, name, (struct file_handle *)&handle, &mount, 0)) continue;
      if (statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
                STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, &status))
        continue;
      agree(directory, name, &handle, status.stx_ino);
      syscall(LISTXATTRAT, directory, name, AT_SYMLINK_NOFOLLOW, list, sizeof list);
      entries++;
      if (!S_ISDIR(status.stx_mode)) continue;
      size_t length = strlen(name) + 1;
      if (used + length > room) below = realloc(below, room = room * 2 + length + 256);
      memcpy(below + used, name, length);
      used += length;
    }
  }
  for (size_t at = 0; at < used; at += strlen(below + at) + 1) {
    int child = openat(directory, below + at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (child < 0) continue;
    scan(child);
    close(child);
  }
  free(buffer);
  free(below);
}

static int make(const char *root, int directories, int files) {
  if (mkdir(root, 0755) && errno != EEXIST) return perror(root), 1;
  int top = open(root, O_RDONLY | O_DIRECTORY);
  char name[64];
  for (int d = 0; d < directories; d++) {
    snprintf(name, sizeof name, "directory-%05d", d);
    mkdirat(top, name, 0755);
    int inner = openat(top, name, O_RDONLY | O_DIRECTORY);
    if (inner < 0) return perror(name), 1;
    for (int f = 0; f < files; f++) {
      snprintf(name, sizeof name, "file-%07d.txt", d * files + f);
      int made = openat(inner, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
      if (made < 0) return perror(name), 1;
      close(made);
    }
    close(inner);
  }
  return 0;
}

int main(int count, char **words) {
  if (count == 5 && !strcmp(words[1], "--make"))
    return make(words[2], atoi(words[3]), atoi(words[4]));
  if (count != 2) return fprintf(stderr, "usage: cscan DIR | --make DIR DIRECTORIES FILES\n"), 2;
  double start = seconds();
  int root = open(words[1], O_RDONLY | O_DIRECTORY);
  if (root < 0) return perror(words[1]), 1;
  scan(root);
  printf("%ld entries, %ld looked at twice, %.3f s\n", entries, torn, seconds() - start);
}
