// The least that a watcher and copier can do. Synced, it makes durable as often as the program does: a note of what
// changed, then the copies and a note of the plan, and when they have their names, the directories.
#define _GNU_SOURCE
#include "copy.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WATCHES = 4096, FILES = 1 << 17, EACH_MOST = 15 };

static int from, to, watch, log_file;
static char *directories[WATCHES];  // by watch descriptor
static char *files[FILES];
static int file_count;

static void add_file(const char *directory, const char *name) {
  if (name[0] == '.' || file_count == FILES) return;
  if (asprintf(&files[file_count], "%s/%s", directory, name) > 0) file_count++;
}

static void add_directory(const char *path) {
  char watched[PATH_MAX];
  snprintf(watched, sizeof watched, "/proc/self/fd/%d/%s", from, path);
  int number = inotify_add_watch(watch, watched, IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
  if (number < 0 || number >= WATCHES) return;
  if (!directories[number]) directories[number] = strdup(path);
  mkdirat(to, path, 0755);
  DIR *listing = fdopendir(openat(from, path, O_RDONLY | O_DIRECTORY));
  for (struct dirent *entry; listing && (entry = readdir(listing));) {
    char below[PATH_MAX];
    snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
    if (entry->d_type == DT_REG) add_file(path, entry->d_name);
    else if (entry->d_type == DT_DIR && entry->d_name[0] != '.') add_directory(below);
  }
  if (listing) closedir(listing);
}

static void note(const char *what) {
  for (int i = 0; i < file_count; i++) dprintf(log_file, "%s %s\n", what, files[i]);
  fdatasync(log_file);
}

static bool copy_file(const char *path, const char *made, bool synced) {
  char buffer[65536];
  int in = openat(from, path, O_RDONLY);
  if (in < 0) return false;
  int out = openat(to, made, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  for (long bytes; (bytes = read(in, buffer, sizeof buffer)) > 0;)
    if (write(out, buffer, bytes) != bytes) exit(1);
  if (synced) fdatasync(out);
  close(in);
  close(out);
  return true;
}

// Copies what has come together; whether `end` was among it.
static bool copy_all(bool synced) {
  static bool made[FILES];
  bool each = file_count <= EACH_MOST, ended = false;
  char name[32];
  if (synced) note("changed");
  for (int i = 0; i < file_count; i++) {
    snprintf(name, sizeof name, ".made/%d", i);
    made[i] = copy_file(files[i], name, synced && each);
  }
  if (synced) {
    if (!each) syncfs(to);
    note("made");
  }
  for (int i = 0; i < file_count; i++) {
    snprintf(name, sizeof name, ".made/%d", i);
    if (made[i]) renameat(to, name, to, files[i]);
    if (!strcmp(files[i], "./end")) ended = true;
    free(files[i]);
  }
  if (synced) {
    if (each) fsync(to); else syncfs(to);
  }
  file_count = 0;
  return ended;
}

int copy(const char *source, const char *destination, bool synced) {
  static char events[1 << 20];
  from = open(source, O_RDONLY | O_DIRECTORY);
  to = open(destination, O_RDONLY | O_DIRECTORY);
  watch = inotify_init1(IN_CLOEXEC);
  mkdirat(to, ".made", 0700);
  log_file = openat(to, ".made/log", O_CREAT | O_APPEND | O_WRONLY, 0600);
  if (from < 0 || to < 0 || watch < 0 || log_file < 0) return perror(source), 1;
  add_directory(".");
  for (;;) {
    if (file_count && copy_all(synced)) return 0;
    long count = read(watch, events, sizeof events);
    for (long at = 0; at < count;) {
      struct inotify_event *event = (struct inotify_event *)(events + at);
      at += sizeof *event + event->len;
      const char *directory = event->wd > 0 && event->wd < WATCHES ? directories[event->wd] : NULL;
      if (event->mask & IN_Q_OVERFLOW) return fprintf(stderr, "pace copy: the queue overflowed\n"), 1;
      if (!directory || !event->len) continue;
      if (event->mask & IN_ISDIR) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", directory, event->name);
        add_directory(path);
      } else if (!(event->mask & IN_CREATE)) {
        add_file(directory, event->name);
      }
    }
  }
}
