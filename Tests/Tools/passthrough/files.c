// Open files and directories, and what is in them.
#include "passthrough.h"
#include <dirent.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

static char buffer[WRITE_MAX];

// The kernel knows offsets and caches by itself.
enum { OWN_FLAGS = O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_DIRECT | O_NOCTTY | O_NOFOLLOW };

void open_object(struct request *r) {
    struct fuse_open_in *in = r->body;
    char path[32];
    int flags = r->head->opcode == FUSE_OPENDIR ? O_RDONLY | O_DIRECTORY : (int)in->flags & ~OWN_FLAGS;
    int fd = open(path_of(node_of(r->head->nodeid), path), flags | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return answer_result(r, -1);
    struct fuse_open_out out = {.fh = fd};
    answer(r, &out, sizeof out);
}

void create_file(struct request *r) {
    struct fuse_create_in *in = r->body;
    const char *name = (char *)(in + 1);
    int directory = descriptor_of(node_of(r->head->nodeid));
    bool has_name = r->head->opcode == FUSE_CREATE;
    char found[NAME_MAX + 1];
    if (has_name) name = meant(directory, name, found);
    umask(in->umask);
    int flags = (in->flags & ~(O_APPEND | O_DIRECT)) | O_CLOEXEC;
    int fd = has_name ? openat(directory, name, flags | O_CREAT | O_NOFOLLOW, in->mode)
                      : openat(directory, ".", flags | O_TMPFILE, in->mode);
    if (fd < 0) return answer_result(r, -1);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct node *node = keep_node(open(path, O_PATH | O_CLOEXEC));
    if (!node) {
        answer_result(r, -1);
        close(fd);
        return;
    }
    struct {
        struct fuse_entry_out entry;
        struct fuse_open_out open;
    } out = {.open = {.fh = fd}};
    fill_entry(node, &out.entry);
    answer(r, &out, sizeof out);
}

void read_file(struct request *r) {
    struct fuse_read_in *in = r->body;
    ssize_t count = pread(in->fh, buffer, in->size < sizeof buffer ? in->size : sizeof buffer, in->offset);
    if (count < 0) return answer_result(r, -1);
    answer(r, buffer, count);
}

void write_file(struct request *r) {
    struct fuse_write_in *in = r->body;
    ssize_t count = pwrite(in->fh, in + 1, in->size, in->offset);
    if (count < 0) return answer_result(r, -1);
    struct fuse_write_out out = {.size = count};
    answer(r, &out, sizeof out);
}

struct kernel_entry {
    uint64_t inode;
    int64_t next;
    uint16_t bytes;
    uint8_t type;
    char name[];
};

void read_directory(struct request *r) {
    struct fuse_read_in *in = r->body;
    static char read_buffer[32768];
    size_t used = 0, room = in->size < sizeof buffer ? in->size : sizeof buffer;
    if (lseek(in->fh, in->offset, SEEK_SET) < 0) return answer_result(r, -1);
    for (;;) {
        long count = syscall(SYS_getdents64, (int)in->fh, read_buffer, sizeof read_buffer);
        if (count < 0) return answer_result(r, -1);
        if (count == 0) break;
        for (long at = 0; at < count;) {
            struct kernel_entry *entry = (struct kernel_entry *)(read_buffer + at);
            size_t length = strlen(entry->name), bytes = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
            if (used + bytes > room) return answer(r, buffer, used);
            struct fuse_dirent *out = (struct fuse_dirent *)(buffer + used);
            *out = (struct fuse_dirent){.ino = entry->inode, .off = entry->next, .namelen = length, .type = entry->type};
            memset(out->name, 0, bytes - FUSE_NAME_OFFSET);
            memcpy(out->name, entry->name, length);
            used += bytes;
            at += entry->bytes;
        }
    }
    answer(r, buffer, used);
}

void close_object(struct request *r) {
    struct fuse_release_in *in = r->body;
    close(in->fh);
    answer_result(r, 0);
}

void sync_object(struct request *r) {
    struct fuse_fsync_in *in = r->body;
    answer_result(r, in->fsync_flags & FUSE_FSYNC_FDATASYNC ? fdatasync(in->fh) : fsync(in->fh));
}

void allocate(struct request *r) {
    struct fuse_fallocate_in *in = r->body;
    answer_result(r, fallocate(in->fh, in->mode, in->offset, in->length));
}

void seek(struct request *r) {
    struct fuse_lseek_in *in = r->body;
    off_t offset = lseek(in->fh, in->offset, in->whence);
    if (offset < 0) return answer_result(r, -1);
    struct fuse_lseek_out out = {.offset = offset};
    answer(r, &out, sizeof out);
}

void statistics(struct request *r) {
    struct statvfs s;
    if (fstatvfs(root.fd, &s)) return answer_result(r, -1);
    struct fuse_statfs_out out = {.st = {.blocks = s.f_blocks, .bfree = s.f_bfree, .bavail = s.f_bavail,
                                         .files = s.f_files, .ffree = s.f_ffree, .bsize = s.f_bsize,
                                         .namelen = s.f_namemax, .frsize = s.f_frsize}};
    answer(r, &out, sizeof out);
}
