// Changes made by calls that no shell has.
//
//   ring write FILE TEXT | rename FROM TO | unlink FILE | mkdir DIR     through io_uring(7)
//   ring copy FROM TO                                                   copy_file_range(2)
//   ring clone FROM TO                                                  FICLONERANGE, ioctl_ficlonerange(2)
//
// Ends with 77 where the kernel or the filesystem has no such call.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what, int error) {
  fprintf(stderr, "%s: %s\n", what, strerror(error));
  return error == ENOSYS || error == EOPNOTSUPP || error == EPERM || error == EINVAL ? 77 : 1;
}

// One request from its submission to its end: what the call itself would have returned.
static int request(const struct io_uring_sqe *wanted) {
  struct io_uring_params p = {0};
  int ring = syscall(SYS_io_uring_setup, 1, &p);
  if (ring < 0) return -errno;
  size_t bytes = p.sq_off.array + p.sq_entries * sizeof(unsigned);
  size_t more = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
  char *sq = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  char *cq = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
  struct io_uring_sqe *entries = mmap(NULL, p.sq_entries * sizeof *entries, PROT_READ | PROT_WRITE,
                                      MAP_SHARED, ring, IORING_OFF_SQES);
  if (sq == MAP_FAILED || cq == MAP_FAILED || entries == MAP_FAILED) return -errno;
  entries[0] = *wanted;
  ((unsigned *)(sq + p.sq_off.array))[0] = 0;
  __atomic_store_n((unsigned *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return -errno;
  return ((struct io_uring_cqe *)(cq + p.cq_off.cqes))[0].res;
}

static int names(int operation, const char *from, const char *to, unsigned mode) {
  struct io_uring_sqe wanted = {.opcode = operation, .fd = AT_FDCWD, .addr = (uintptr_t)from};
  if (to) wanted.addr2 = (uintptr_t)to, wanted.len = (unsigned)AT_FDCWD;
  else wanted.len = mode;
  return request(&wanted);
}

static int writes(const char *file, const char *text) {
  int opened = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (opened < 0) return -errno;
  struct io_uring_sqe wanted = {.opcode = IORING_OP_WRITE, .fd = opened,
                                .addr = (uintptr_t)text, .len = strlen(text)};
  return request(&wanted);
}

static int copies(const char *from, const char *to, int clone) {
  int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (in < 0 || out < 0) return -errno;
  struct file_clone_range range = {.src_fd = in, .src_offset = 4096, .src_length = 65536};
  if (clone) return ioctl(out, FICLONERANGE, &range) ? -errno : 0;
  return copy_file_range(in, NULL, out, NULL, 200000, 0) < 0 ? -errno : 0;
}

int main(int count, char **words) {
  if (count < 3) return fprintf(stderr, "usage: ring write|rename|unlink|mkdir|copy|clone ...\n"), 2;
  const char *what = words[1], *second = count > 3 ? words[3] : "";
  int result = !strcmp(what, "write")    ? writes(words[2], second)
               : !strcmp(what, "rename") ? names(IORING_OP_RENAMEAT, words[2], second, 0)
               : !strcmp(what, "unlink") ? names(IORING_OP_UNLINKAT, words[2], NULL, 0)
               : !strcmp(what, "mkdir")  ? names(IORING_OP_MKDIRAT, words[2], NULL, 0755)
               : !strcmp(what, "copy")   ? copies(words[2], second, 0)
                                         : copies(words[2], second, 1);
  return result < 0 ? fail(what, -result) : 0;
}
