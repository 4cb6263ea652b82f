// What Swift cannot call by itself: macros, structures and calls that need
// _GNU_SOURCE, variadic calls, and constants newer than Debian 12's headers.
//
// Every call is `static inline` and returns its result, or -errno.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <features.h>
// Swift's own Glibc module is read without _GNU_SOURCE, and there fd_set has another member name;
// the two modules must agree on every structure that they share.
#undef __USE_XOPEN
#include <sys/select.h>
#define __USE_XOPEN 1
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fanotify.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <stdio.h>

// Linux 6.13: the xattr calls that take a directory and a name.
#define CL_SYS_GETXATTRAT 464
#define CL_SYS_LISTXATTRAT 465
// Linux 5.10: OPEN_TREE_CLONE.
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#define CL_OPEN_TREE_CLOEXEC O_CLOEXEC

#define CL_RESULT(call)                 \
  ({                                    \
    long cl_result = (call);            \
    cl_result < 0 ? -errno : cl_result; \
  })

#define CL_HANDLE_BYTES_MAX 128
static const int CL_O_PATH = O_PATH;
static const int CL_O_DIRECTORY = O_DIRECTORY;
static const int CL_O_NOFOLLOW = O_NOFOLLOW;
static const int CL_O_NOATIME = O_NOATIME;
static const int CL_O_TMPFILE = O_TMPFILE;
static const int CL_O_CLOEXEC = O_CLOEXEC;
static const int CL_AT_EMPTY_PATH = AT_EMPTY_PATH;
static const int CL_AT_STATX_FORCE_SYNC = AT_STATX_FORCE_SYNC;
static const int CL_AT_HANDLE_FID = 0x200;  // Linux 6.5
static const int CL_AT_SYMLINK_NOFOLLOW = AT_SYMLINK_NOFOLLOW;
static const int CL_AT_REMOVEDIR = AT_REMOVEDIR;
static const int CL_RENAME_NOREPLACE = RENAME_NOREPLACE;
static const int CL_RENAME_EXCHANGE = RENAME_EXCHANGE;
static const int CL_RESOLVE_BENEATH = RESOLVE_BENEATH;
static const int CL_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS;
static const int CL_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS;
static const int CL_RESOLVE_NO_XDEV = RESOLVE_NO_XDEV;
static const int CL_SEEK_DATA = SEEK_DATA;
static const int CL_SEEK_HOLE = SEEK_HOLE;

// O_NOATIME is for the owner and for CAP_FOWNER: anybody else's reading moves the access time.
#define CL_OPEN_RESULT(flags, call)                            \
  ({                                                           \
    int cl_opened = (int)CL_RESULT(call);                      \
    if (cl_opened == -EPERM && ((flags) & O_NOATIME) != 0) {   \
      (flags) &= ~O_NOATIME;                                   \
      cl_opened = (int)CL_RESULT(call);                        \
    }                                                          \
    cl_opened;                                                 \
  })

static inline int cl_open(int directory, const char *name, int flags, mode_t mode) {
  return CL_OPEN_RESULT(flags, openat(directory, name, flags | O_CLOEXEC, mode));
}

static inline int cl_open2(int directory, const char *path, int flags, mode_t mode,
                           uint64_t resolve) {
  struct open_how how = {.mode = mode, .resolve = resolve};
  return CL_OPEN_RESULT(
      flags, (how.flags = (unsigned)(flags | O_CLOEXEC),
              syscall(SYS_openat2, directory, path, &how, sizeof how)));
}

// The clone is detached and holds no other mounts, however many lie beneath the path.
static inline int cl_clone_tree(int directory, const char *path) {
  return (int)CL_RESULT(syscall(SYS_open_tree, directory, path,
                                OPEN_TREE_CLONE | CL_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
}

// Of a symbolic link only the mount can keep the access time. Linux 5.12; Debian 12's glibc has it.
static inline int cl_keep_access_times(int mount) {
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOATIME, .attr_clr = MOUNT_ATTR__ATIME};
  return (int)CL_RESULT(mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
}

static inline int cl_statx(int directory, const char *name, int flags, struct statx *status) {
  return (int)CL_RESULT(statx(directory, name,
                              flags | AT_NO_AUTOMOUNT | AT_STATX_SYNC_AS_STAT | AT_SYMLINK_NOFOLLOW,
                              STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, status));
}

// The attributes come whatever is asked for.
static inline int cl_statx_flags(int descriptor, struct statx *status) {
  return (int)CL_RESULT(statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, status));
}

// Linux 6.8: STATX_MNT_ID_UNIQUE; older kernels pass over it and give STATX_MNT_ID.
#define CL_STATX_MNT_ID_UNIQUE 0x4000u

static inline int cl_statx_mount(int directory, const char *name, struct statx *status) {
  return (int)CL_RESULT(statx(directory, name,
                              AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW,
                              STATX_MNT_ID | CL_STATX_MNT_ID_UNIQUE, status));
}

struct cl_handle {
  uint32_t bytes;
  int32_t type;
  uint8_t value[CL_HANDLE_BYTES_MAX];
};

// Without AT_SYMLINK_FOLLOW name_to_handle_at takes the link itself.
static inline int cl_handle_of(int directory, const char *name, int flags, struct cl_handle *handle,
                               int *mount_id) {
  handle->bytes = CL_HANDLE_BYTES_MAX;
  return (int)CL_RESULT(
      name_to_handle_at(directory, name, (struct file_handle *)handle, mount_id, flags));
}

static inline int cl_open_handle(int mount, const struct cl_handle *handle, int flags) {
  return CL_OPEN_RESULT(
      flags, open_by_handle_at(mount, (struct file_handle *)handle, flags | O_CLOEXEC));
}

static inline long cl_getdents(int directory, void *buffer, size_t bytes) {
  return CL_RESULT(syscall(SYS_getdents64, directory, buffer, bytes));
}

struct cl_xattr_args {
  uint64_t value;
  uint32_t size;
  uint32_t flags;
};

static inline long cl_listxattrat(int directory, const char *name, int flags, char *list,
                                  size_t bytes) {
  return CL_RESULT(syscall(CL_SYS_LISTXATTRAT, directory, name, flags | AT_SYMLINK_NOFOLLOW, list,
                           bytes));
}

static inline long cl_getxattrat(int directory, const char *name, int flags, const char *attribute,
                                 void *value, uint32_t bytes) {
  struct cl_xattr_args args = {.value = (uint64_t)(uintptr_t)value, .size = bytes, .flags = 0};
  return CL_RESULT(syscall(CL_SYS_GETXATTRAT, directory, name, flags | AT_SYMLINK_NOFOLLOW,
                           attribute, &args, sizeof args));
}

// Through /proc/self/fd an O_PATH descriptor, also one of a symbolic link, can be asked. One that is
// really open needs no walk through /proc.
static inline void cl_proc_path(int descriptor, char path[32]) {
  snprintf(path, 32, "/proc/self/fd/%d", descriptor);
}
static inline long cl_listxattr_fd(int descriptor, char *list, size_t bytes) {
  char path[32];
  long result = flistxattr(descriptor, list, bytes);
  if (result >= 0 || errno != EBADF) return CL_RESULT(result);
  cl_proc_path(descriptor, path);
  return CL_RESULT(listxattr(path, list, bytes));
}
static inline long cl_getxattr_fd(int descriptor, const char *name, void *value, size_t bytes) {
  char path[32];
  long result = fgetxattr(descriptor, name, value, bytes);
  if (result >= 0 || errno != EBADF) return CL_RESULT(result);
  cl_proc_path(descriptor, path);
  return CL_RESULT(getxattr(path, name, value, bytes));
}
static inline int cl_setxattr_fd(int descriptor, const char *name, const void *value,
                                 size_t bytes) {
  char path[32];
  long result = fsetxattr(descriptor, name, value, bytes, 0);
  if (result >= 0 || errno != EBADF) return (int)CL_RESULT(result);
  cl_proc_path(descriptor, path);
  return (int)CL_RESULT(setxattr(path, name, value, bytes, 0));
}
static inline int cl_removexattr_fd(int descriptor, const char *name) {
  char path[32];
  cl_proc_path(descriptor, path);
  return (int)CL_RESULT(removexattr(path, name));
}

static inline int cl_chmod_fd(int descriptor, mode_t mode) {
  char path[32];
  long result = fchmod(descriptor, mode);
  if (result >= 0 || errno != EBADF) return (int)CL_RESULT(result);
  cl_proc_path(descriptor, path);
  return (int)CL_RESULT(chmod(path, mode));
}
static inline int cl_chown_fd(int descriptor, uid_t uid, gid_t gid) {
  return (int)CL_RESULT(fchownat(descriptor, "", uid, gid, AT_EMPTY_PATH));
}
// utimensat(fd, "", …, AT_EMPTY_PATH) takes O_PATH descriptors, symbolic links included.
static inline int cl_set_mtime_fd(int descriptor, int64_t seconds, uint32_t nanoseconds) {
  struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
                              {.tv_sec = seconds, .tv_nsec = nanoseconds}};
  return (int)CL_RESULT(utimensat(descriptor, "", times, AT_EMPTY_PATH));
}

static inline int cl_mkdir(int directory, const char *name, mode_t mode) {
  return (int)CL_RESULT(mkdirat(directory, name, mode));
}
static inline int cl_mknod(int directory, const char *name, mode_t mode, uint32_t major,
                           uint32_t minor) {
  return (int)CL_RESULT(mknodat(directory, name, mode, makedev(major, minor)));
}
static inline int cl_symlink(const char *target, int directory, const char *name) {
  return (int)CL_RESULT(symlinkat(target, directory, name));
}
static inline long cl_readlink(int directory, const char *name, char *buffer, size_t bytes) {
  return CL_RESULT(readlinkat(directory, name, buffer, bytes));
}
static inline int cl_link(int from, const char *name, int to, const char *target, int flags) {
  return (int)CL_RESULT(linkat(from, name, to, target, flags));
}
static inline int cl_rename(int from, const char *name, int to, const char *target,
                            unsigned flags) {
  return (int)CL_RESULT(renameat2(from, name, to, target, flags));
}
static inline int cl_unlink(int directory, const char *name, int flags) {
  return (int)CL_RESULT(unlinkat(directory, name, flags));
}

static inline long cl_read(int descriptor, void *buffer, size_t bytes) {
  return CL_RESULT(read(descriptor, buffer, bytes));
}
static inline long cl_write(int descriptor, const void *buffer, size_t bytes) {
  return CL_RESULT(write(descriptor, buffer, bytes));
}
static inline long cl_pread(int descriptor, void *buffer, size_t bytes, int64_t offset) {
  return CL_RESULT(pread(descriptor, buffer, bytes, offset));
}
static inline long cl_pwrite(int descriptor, const void *buffer, size_t bytes, int64_t offset) {
  return CL_RESULT(pwrite(descriptor, buffer, bytes, offset));
}
static inline int cl_duplicate(int descriptor) {
  return (int)CL_RESULT(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
}
static inline int64_t cl_seek(int descriptor, int64_t offset, int whence) {
  return CL_RESULT(lseek(descriptor, offset, whence));
}
static inline int cl_truncate(int descriptor, int64_t bytes) {
  return (int)CL_RESULT(ftruncate(descriptor, bytes));
}
static inline long cl_copy_range(int from, int64_t from_offset, int to, int64_t to_offset,
                                 size_t bytes) {
  off64_t in = from_offset, out = to_offset;
  return CL_RESULT(copy_file_range(from, &in, to, &out, bytes, 0));
}
static inline int cl_clone_file(int from, int to) { return (int)CL_RESULT(ioctl(to, FICLONE, from)); }

static inline int cl_will_read_in_order(int descriptor) {
  return -posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
}
static inline int cl_read_ahead(int descriptor, int64_t offset, size_t bytes) {
  return (int)CL_RESULT(readahead(descriptor, offset, bytes));
}

// The size stays as it is. See fallocate(2).
static inline int cl_punch_hole(int descriptor, int64_t offset, int64_t bytes) {
  return (int)CL_RESULT(fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes));
}

static inline int cl_fsync(int descriptor) { return (int)CL_RESULT(fsync(descriptor)); }
static inline int cl_fdatasync(int descriptor) { return (int)CL_RESULT(fdatasync(descriptor)); }
/* Starts to write what is dirty, and does not wait. */
static inline int cl_start_writing(int descriptor) {
  return (int)CL_RESULT(sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE));
}
static inline int cl_write_content(int descriptor) {
  return (int)CL_RESULT(sync_file_range(
      descriptor, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
}
static inline int cl_syncfs(int descriptor) { return (int)CL_RESULT(syncfs(descriptor)); }

// Inode flags: chattr's. FS_IMMUTABLE_FL 0x10, FS_APPEND_FL 0x20.
static inline int cl_get_flags(int descriptor, int *flags) {
  return (int)CL_RESULT(ioctl(descriptor, FS_IOC_GETFLAGS, flags));
}
static inline int cl_set_flags(int descriptor, int flags) {
  return (int)CL_RESULT(ioctl(descriptor, FS_IOC_SETFLAGS, &flags));
}

// FS_IOC_GETFSUUID, Linux 6.9.
struct cl_fsuuid {
  uint8_t length;
  uint8_t value[16];
};
#define CL_IOC_GETFSUUID _IOR(0x15, 0, struct cl_fsuuid)
static inline int cl_fs_uuid(int descriptor, struct cl_fsuuid *uuid) {
  return (int)CL_RESULT(ioctl(descriptor, CL_IOC_GETFSUUID, uuid));
}
static inline int cl_statfs(int descriptor, struct statfs *status) {
  return (int)CL_RESULT(fstatfs(descriptor, status));
}

static inline int cl_fanotify_init(unsigned flags, unsigned event_flags) {
  return (int)CL_RESULT(fanotify_init(flags, event_flags));
}
static inline int cl_fanotify_mark(int group, unsigned flags, uint64_t mask, int directory,
                                   const char *path) {
  return (int)CL_RESULT(fanotify_mark(group, flags, mask, directory, path));
}
// The answer to a permission event, with the rule for the audit log unless that is null.
struct cl_audit_rule {
  uint32_t number;
  uint32_t subject_trust;
  uint32_t object_trust;
};
static inline int cl_fanotify_answer(int group, int file, uint32_t response,
                                     const struct cl_audit_rule *rule) {
  struct {
    int32_t file;
    uint32_t response;
    uint8_t type;
    uint8_t padding;
    uint16_t bytes;
    struct cl_audit_rule rule;
  } answer = {.file = file, .response = response, .type = 1, .bytes = 16};
  if (rule) answer.rule = *rule;
  return (int)CL_RESULT(write(group, &answer, rule ? sizeof answer : 8));
}
// fanotify events: records newer than Linux 6.1.
#define CL_FAN_EVENT_INFO_TYPE_RANGE 6  // Linux 6.14
#define CL_FAN_EVENT_INFO_TYPE_MNT 7    // Linux 6.14
// Events before content is touched, and why it is denied; Linux 6.14.
#define CL_FAN_PRE_ACCESS 0x00100000
#define CL_FAN_ERRNO_SHIFT 24
// An answer that tells the audit log by which rule, Linux 6.3.
#define CL_FAN_INFO 0x20
static const int CL_O_LARGEFILE = 0100000;
// Errors in place of missing descriptors, Linux 6.13.
#define CL_FAN_REPORT_FD_ERROR 0x00002000
// Mounts that come and go, Linux 6.14.
#define CL_FAN_REPORT_MNT 0x00004000
#define CL_FAN_MARK_MNTNS 0x00000110
#define CL_FAN_MNT_ATTACH 0x01000000
#define CL_FAN_MNT_DETACH 0x02000000

static inline int cl_lock(int descriptor) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return (int)CL_RESULT(fcntl(descriptor, F_OFD_SETLK, &lock));
}
static inline int cl_unlock(int descriptor) {
  struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
  return (int)CL_RESULT(fcntl(descriptor, F_OFD_SETLK, &lock));
}

static inline int cl_name_thread(const char *name) {
  return prctl(PR_SET_NAME, name);
}
static inline int cl_poll(struct pollfd *set, unsigned count, int milliseconds) {
  return (int)CL_RESULT(poll(set, count, milliseconds));
}

// mremap(2) is variadic. NULL when there is no memory.
#include <sys/mman.h>
static inline void *cl_remap(void *base, size_t old_bytes, size_t new_bytes) {
  void *moved = mremap(base, old_bytes, new_bytes, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? NULL : moved;
}
// FIONREAD of a fanotify group: 24 bytes for each queued event, however long it is. Its cost grows
// with the queue.
static inline int cl_queued_bytes(int descriptor) {
  int bytes = 0;
  int result = (int)CL_RESULT(ioctl(descriptor, FIONREAD, &bytes));
  return result < 0 ? result : bytes;
}

#include <sys/eventfd.h>
static const int CL_EFD_FLAGS = EFD_CLOEXEC | EFD_NONBLOCK;

#include "CBtrfs.h"
#include "CSockets.h"
#include "CProcesses.h"
