// Makes changes for the benchmarks, and measures when they arrive.
//
//   pace latency SOURCE DESTINATION COUNT   one small file after another: from the writer's close to
//                                           the same content at the destination, median and p99
//   pace burst DIR                          50,000 files of 1 KiB in 200 directories, then 10,000 of
//                                           them rewritten by temporary and rename
//   pace fill DIR COUNT BYTES             COUNT files of BYTES each in a new directory
//   pace copy SOURCE DESTINATION [synced]   a bare watcher and copier, see copy.c
#define _GNU_SOURCE
#include "copy.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static int latency(const char *source, const char *destination, int count) {
  double *times = calloc(count, sizeof *times);
  int from = open(source, O_RDONLY | O_DIRECTORY), to = open(destination, O_RDONLY | O_DIRECTORY);
  // To look again and again would take a processor from the programs, and measure the scheduler.
  int watch = inotify_init1(IN_NONBLOCK);
  if (from < 0 || to < 0 || watch < 0 ||
      inotify_add_watch(watch, destination, IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
    return perror("open"), 1;
  for (int i = 0; i < count; i++) {
    char events[4096];
    char name[32], content[64], seen[64];
    snprintf(name, sizeof name, "file-%d", i % 10);  // new ones first, then new content for them
    int length = snprintf(content, sizeof content, "the content of round %d\n", i);
    int file = openat(from, name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
    if (write(file, content, length) != length) return perror("write"), 1;
    double start = seconds();  // before the close: what it wakes may run before it returns
    close(file);
    for (;;) {
      int copy = openat(to, name, O_RDONLY);
      long got = copy < 0 ? -1 : read(copy, seen, sizeof seen);
      if (copy >= 0) close(copy);
      if (got == length && !memcmp(seen, content, length)) break;
      if (seconds() - start > 20) return fprintf(stderr, "round %d never arrived\n", i), 1;
      struct pollfd change = {watch, POLLIN, 0};
      poll(&change, 1, 100);
      while (read(watch, events, sizeof events) > 0) {
      }
    }
    times[i] = seconds() - start;
    struct timespec rest = {0, 20000000};  // so that each round starts from quiet
    nanosleep(&rest, NULL);
  }
  qsort(times, count, sizeof *times, ascending);
  printf("median %.3f ms, p99 %.3f ms, %d rounds\n", times[count / 2] * 1e3,
         times[count * 99 / 100] * 1e3, count);
  return 0;
}

static int put(int directory, const char *name, int seed) {
  char content[1024];
  for (int i = 0; i < 1024; i++) content[i] = (char)(i * 7 + seed * 13);
  int file = openat(directory, name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (file < 0 || write(file, content, sizeof content) != sizeof content) return perror(name), 1;
  return close(file);
}

static int burst(const char *root) {
  int top = open(root, O_RDONLY | O_DIRECTORY), directories[200];
  char name[32], temporary[32];
  if (top < 0) return perror(root), 1;
  for (int d = 0; d < 200; d++) {
    snprintf(name, sizeof name, "d%03d", d);
    mkdirat(top, name, 0755);
    directories[d] = openat(top, name, O_RDONLY | O_DIRECTORY);
    for (int f = 0; f < 250; f++) {
      snprintf(name, sizeof name, "file-%05d", f);
      if (put(directories[d], name, d * 250 + f)) return 1;
    }
  }
  for (int i = 0; i < 10000; i++) {
    int directory = directories[i % 200];
    snprintf(name, sizeof name, "file-%05d", i / 200);
    snprintf(temporary, sizeof temporary, ".file-%05d.new", i / 200);
    if (put(directory, temporary, i + 77777) || renameat(directory, temporary, directory, name))
      return perror(name), 1;
  }
  return 0;
}

static int fill(const char *root, int count, long bytes) {
  char *content = malloc(bytes), name[32];
  if (mkdir(root, 0755)) return perror(root), 1;
  int directory = open(root, O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < count; i++) {
    for (long at = 0; at < bytes; at++) content[at] = (char)(at * 31 + i * 17);
    snprintf(name, sizeof name, "file-%05d", i);
    int file = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (file < 0 || write(file, content, bytes) != bytes) return perror(name), 1;
    close(file);
  }
  return 0;
}

int main(int count, char **words) {
  if (count == 5 && !strcmp(words[1], "latency"))
    return latency(words[2], words[3], atoi(words[4]));
  if (count == 3 && !strcmp(words[1], "burst")) return burst(words[2]);
  if (count == 5 && !strcmp(words[1], "fill"))
    return fill(words[2], atoi(words[3]), atol(words[4]));
  if ((count == 4 || count == 5) && !strcmp(words[1], "copy")) return copy(words[2], words[3], count == 5);
  return fprintf(stderr, "usage: pace latency|burst|fill|copy ...\n"), 2;
}
