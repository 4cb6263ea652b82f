// A bare copier of a tree of files and directories: the system calls that a copy needs, and no more.
//
//   ccopy SOURCE DESTINATION   content, owner, mode and times; synced at the end; prints the seconds
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char buffer[256 << 10];

static int fail(const char *name) {
  perror(name);
  exit(1);
}

static void attributes(int file, const struct stat *status) {
  const struct timespec times[] = {status->st_atim, status->st_mtim};
  if (fchown(file, status->st_uid, status->st_gid) || fchmod(file, status->st_mode & 07777) ||
      futimens(file, times))
    fail("attributes");
}

static void copy_file(int from, int to, const char *name) {
  int source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  int copy = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  struct stat status;
  if (source < 0 || copy < 0 || fstat(source, &status)) fail(name);
  long count;
  while ((count = read(source, buffer, sizeof buffer)) > 0)
    if (write(copy, buffer, count) != count) fail(name);
  attributes(copy, &status);
  close(source);
  close(copy);
}

static void copy_directory(int from, int to) {
  DIR *listing = fdopendir(dup(from));
  if (!listing) fail("fdopendir");
  for (struct dirent *entry; (entry = readdir(listing));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (entry->d_type != DT_DIR) {
      copy_file(from, to, entry->d_name);
      continue;
    }
    int source = openat(from, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0 || mkdirat(to, entry->d_name, 0700)) fail(entry->d_name);
    int copy = openat(to, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (copy < 0 || fstat(source, &status)) fail(entry->d_name);
    copy_directory(source, copy);
    attributes(copy, &status);
    close(source);
    close(copy);
  }
  closedir(listing);
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  if (count != 3) return fprintf(stderr, "ccopy SOURCE DESTINATION\n"), 64;
  double start = seconds();
  int from = open(arguments[1], O_RDONLY | O_DIRECTORY), to = open(arguments[2], O_RDONLY | O_DIRECTORY);
  if (from < 0 || to < 0) fail("open");
  copy_directory(from, to);
  if (syncfs(to)) fail("syncfs");
  printf("%.3f\n", seconds() - start);
}
