// A storm of changes, the cheapest reader that there can be of its events, and other users of fanotify
// that are in the way.
//
//   storm write DIR WRITERS CYCLES   so many processes, each in a directory of its own, create a file,
//                                    write to it, rename it and unlink it, CYCLES times
//   storm keep DIR WRITERS CYCLES    the same, but a file is renamed 500 files later and unlinked 500
//                                    later still, so that a reader finds it
//   storm drain DIR                  marks the filesystem as treeline does, drains and discards, and
//                                    says at SIGTERM what there was
//   storm hold COUNT                 takes so many groups, or all that there are, and waits
//   storm deny FILE PID              denies that process each open of the file
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OPERATIONS 4  // in a cycle
#define LAG 500

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double processor(int who) {
  struct rusage used;
  getrusage(who, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
         (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void name(char *text, const char *kind, int number) { sprintf(text, "%s-%07d", kind, number); }

static int make(int directory, int number) {
  char new[32];
  name(new, "new", number);
  int file = openat(directory, new, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (file < 0 || write(file, "content", 7) != 7) return -1;
  return close(file);
}

static int move(int directory, int number) {
  char new[32], old[32];
  name(new, "new", number);
  name(old, "old", number);
  return renameat(directory, new, directory, old);
}

static int drop(int directory, int number) {
  char old[32];
  name(old, "old", number);
  return unlinkat(directory, old, 0);
}

static int writer(int directory, int cycles, int lag) {
  for (int i = 0; i < cycles + 2 * lag; i++) {
    if (i < cycles && make(directory, i)) return perror("create"), 1;
    if (i >= lag && i - lag < cycles && move(directory, i - lag)) return perror("rename"), 1;
    if (i >= 2 * lag && drop(directory, i - 2 * lag)) return perror("unlink"), 1;
  }
  return 0;
}

static int storm(const char *root, int writers, int cycles, int lag) {
  int top = open(root, O_RDONLY | O_DIRECTORY), failed = 0, status;
  if (top < 0) return perror(root), 1;
  double start = seconds();
  for (int w = 0; w < writers; w++) {
    if (fork()) continue;
    char own[32];
    name(own, "writer", w);
    mkdirat(top, own, 0755);
    int directory = openat(top, own, O_RDONLY | O_DIRECTORY);
    _exit(directory < 0 ? 1 : writer(directory, cycles, lag));
  }
  while (wait(&status) > 0) failed |= status != 0;
  double took = seconds() - start;
  printf("%ld operations %.6f s %.6f s of processor\n", (long)writers * cycles * OPERATIONS, took,
         processor(RUSAGE_CHILDREN));
  return failed;
}

static volatile sig_atomic_t ended;
static void end(int signal) { (void)signal, ended = 1; }

static int drain(const char *root) {
  struct sigaction action = {.sa_handler = end};  // without SA_RESTART: the wait must end
  sigaction(SIGTERM, &action, NULL);
  int group = fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK | FAN_CLOEXEC |
                            FAN_REPORT_DFID_NAME_TARGET, O_RDONLY);
  if (group < 0 || fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
                                 FAN_CREATE | FAN_DELETE | FAN_RENAME | FAN_MODIFY | FAN_ATTRIB |
                                     FAN_CLOSE_WRITE | FAN_ONDIR, AT_FDCWD, root))
    return perror("fanotify"), 1;
  puts("ready");
  fflush(stdout);
  static char buffer[65536] __attribute__((aligned(8)));
  struct pollfd set = {.fd = group, .events = POLLIN};
  long events = 0, overflows = 0;
  while (!ended) {
    ssize_t count = read(group, buffer, sizeof buffer);
    if (count <= 0) {
      poll(&set, 1, -1);
      continue;
    }
    struct fanotify_event_metadata *event = (void *)buffer;
    for (; FAN_EVENT_OK(event, count); event = FAN_EVENT_NEXT(event, count)) {
      events++;
      overflows += (event->mask & FAN_Q_OVERFLOW) != 0;
    }
  }
  printf("%ld events %ld overflows %.6f s of processor\n", events, overflows, processor(RUSAGE_SELF));
  return 0;
}

static int hold(int count) {
  int held = 0;
  while (held < count && fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY) >= 0) held++;
  printf("%d held\n", held);
  return pause();
}

static int deny(const char *file, int process) {
  int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);
  if (group < 0 || fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, file))
    return perror("fanotify"), 1;
  puts("denying");
  struct fanotify_event_metadata event;
  while (read(group, &event, sizeof event) == sizeof event) {
    struct fanotify_response answer = {event.fd, event.pid == process ? FAN_DENY : FAN_ALLOW};
    if (write(group, &answer, sizeof answer) != sizeof answer) return perror("answer"), 1;
    close(event.fd);
  }
  return perror("read"), 1;
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (count == 5 && !strcmp(words[1], "write"))
    return storm(words[2], atoi(words[3]), atoi(words[4]), 0);
  if (count == 5 && !strcmp(words[1], "keep"))
    return storm(words[2], atoi(words[3]), atoi(words[4]), LAG);
  if (count == 3 && !strcmp(words[1], "drain")) return drain(words[2]);
  if (count == 3 && !strcmp(words[1], "hold")) return hold(atoi(words[2]));
  if (count == 4 && !strcmp(words[1], "deny")) return deny(words[2], atoi(words[3]));
  return fprintf(stderr, "usage: storm write|keep|drain|hold|deny ...\n"), 2;
}
