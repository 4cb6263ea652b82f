// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails when it is told to: a FUSE filesystem with one file, `disk`, whose bytes are those
// of an image. A loop device on that file is a disk; while the file IMAGE.fail-write (or IMAGE.fail-read)
// exists, it gives EIO for every write and sync (or read). What is in `IMAGE.fail-at`, a byte offset, is
// where alone it fails, for as many bytes as stand behind it.
//
//   faultdisk IMAGE MOUNTPOINT
//
// It speaks the kernel's protocol itself (linux/fuse.h), and ends when it is unmounted.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { diskNode = 2, writeBytesMax = 128 * 1024, requestBytesMax = writeBytesMax + 65536 };

static int device, image;
static char failRead[4096], failWrite[4096], failAt[4096];

static void reply(uint64_t unique, int error, const void *body, size_t bytes) {
  struct fuse_out_header header = {
      .len = (uint32_t)(sizeof header + bytes), .error = -error, .unique = unique};
  struct iovec parts[2] = {{&header, sizeof header}, {(void *)body, bytes}};
  // The kernel has lost interest in an interrupted request: no reason to stop.
  (void)!writev(device, parts, bytes ? 2 : 1);
}

static struct fuse_attr attributes(uint64_t node) {
  struct fuse_attr attr = {.ino = node, .nlink = 1, .blksize = 4096};
  struct stat status;
  fstat(image, &status);
  if (node == diskNode) {
    attr.mode = S_IFREG | 0600;
    attr.size = (uint64_t)status.st_size;
    attr.blocks = (uint64_t)status.st_blocks;
  } else {
    attr.mode = S_IFDIR | 0700;
    attr.nlink = 2;
  }
  return attr;
}

// Whether the disk is to fail: everywhere, or where `failAt` says.
static int fails(const char *switched, uint64_t offset, uint64_t bytes) {
  if (access(switched, F_OK) != 0) return 0;
  FILE *place = fopen(failAt, "r");
  if (!place) return 1;
  unsigned long long start = 0, length = 0;
  int count = fscanf(place, "%llu %llu", &start, &length);
  fclose(place);
  return count != 2 || (offset < start + length && start < offset + bytes);
}

static void look(const struct fuse_in_header *in, const char *name) {
  if (in->nodeid != FUSE_ROOT_ID || strcmp(name, "disk") != 0) return reply(in->unique, ENOENT, 0, 0);
  struct fuse_entry_out entry = {.nodeid = diskNode, .attr_valid = 3600, .entry_valid = 3600};
  entry.attr = attributes(diskNode);
  reply(in->unique, 0, &entry, sizeof entry);
}

static void readDisk(const struct fuse_in_header *in, const struct fuse_read_in *wanted) {
  static char bytes[1 << 20];
  size_t size = wanted->size < sizeof bytes ? wanted->size : sizeof bytes;
  if (fails(failRead, wanted->offset, size)) return reply(in->unique, EIO, 0, 0);
  ssize_t count = pread(image, bytes, size, (off_t)wanted->offset);
  if (count < 0) return reply(in->unique, errno, 0, 0);
  reply(in->unique, 0, bytes, (size_t)count);
}

static void writeDisk(const struct fuse_in_header *in, const struct fuse_write_in *given) {
  if (fails(failWrite, given->offset, given->size)) return reply(in->unique, EIO, 0, 0);
  ssize_t count = pwrite(image, given + 1, given->size, (off_t)given->offset);
  if (count < 0) return reply(in->unique, errno, 0, 0);
  struct fuse_write_out out = {.size = (uint32_t)count};
  reply(in->unique, 0, &out, sizeof out);
}

static void syncDisk(const struct fuse_in_header *in) {
  // A bad place is no reason for a sync to fail: what was written elsewhere is there.
  if (access(failWrite, F_OK) == 0 && access(failAt, F_OK) != 0) return reply(in->unique, EIO, 0, 0);
  reply(in->unique, fdatasync(image) == 0 ? 0 : errno, 0, 0);
}

static void start(const struct fuse_in_header *in, const struct fuse_init_in *kernel) {
  struct fuse_init_out out = {
      .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
      .max_readahead = kernel->max_readahead, .flags = FUSE_BIG_WRITES, .max_background = 16,
      .congestion_threshold = 12, .max_write = writeBytesMax, .time_gran = 1};
  reply(in->unique, 0, &out, sizeof out);
}

static void answer(const struct fuse_in_header *in) {
  const void *body = in + 1;
  switch (in->opcode) {
    case FUSE_INIT: return start(in, body);
    case FUSE_LOOKUP: return look(in, body);
    case FUSE_GETATTR:
    case FUSE_SETATTR: {
      struct fuse_attr_out out = {.attr_valid = 3600, .attr = attributes(in->nodeid)};
      return reply(in->unique, 0, &out, sizeof out);
    }
    case FUSE_OPEN:
    case FUSE_OPENDIR: {
      struct fuse_open_out out = {.open_flags = in->opcode == FUSE_OPEN ? FOPEN_KEEP_CACHE : 0};
      return reply(in->unique, 0, &out, sizeof out);
    }
    case FUSE_READ: return readDisk(in, body);
    case FUSE_WRITE: return writeDisk(in, body);
    case FUSE_FSYNC: return syncDisk(in);
    case FUSE_STATFS: {
      struct fuse_statfs_out out = {.st = {.bsize = 4096, .frsize = 4096, .namelen = 255}};
      return reply(in->unique, 0, &out, sizeof out);
    }
    case FUSE_READDIR:
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_FLUSH: return reply(in->unique, 0, 0, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return;
    default: return reply(in->unique, ENOSYS, 0, 0);
  }
}

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: faultdisk IMAGE MOUNTPOINT\n");
    return 64;
  }
  snprintf(failRead, sizeof failRead, "%s.fail-read", arguments[1]);
  snprintf(failWrite, sizeof failWrite, "%s.fail-write", arguments[1]);
  snprintf(failAt, sizeof failAt, "%s.fail-at", arguments[1]);
  image = open(arguments[1], O_RDWR | O_CLOEXEC);
  device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (image < 0 || device < 0) {
    perror(image < 0 ? arguments[1] : "/dev/fuse");
    return 1;
  }
  char options[128];
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
  if (mount("faultdisk", arguments[2], "fuse", MS_NOSUID | MS_NODEV, options) != 0) {
    perror(arguments[2]);
    return 1;
  }
  static char request[requestBytesMax] __attribute__((aligned(8)));
  for (;;) {
    ssize_t got = read(device, request, sizeof request);
    if (got < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) continue;
    if (got < (ssize_t)sizeof(struct fuse_in_header)) return errno == ENODEV ? 0 : 1;
    answer((const struct fuse_in_header *)request);
  }
}
