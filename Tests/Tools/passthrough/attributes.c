// What an object shows of itself.
#include "passthrough.h"
#include <sys/sysmacros.h>
#include <sys/xattr.h>

// Later than Debian's header: what FUSE_STATX (Linux 6.6) answers.
struct statx_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};
struct statx_answer {
    uint64_t valid;
    uint32_t valid_nanoseconds, flags;
    uint64_t spare[2];
    uint32_t mask, block_bytes;
    uint64_t attributes;
    uint32_t links, uid, gid;
    uint16_t mode, reserved;
    uint64_t inode, bytes, blocks, attributes_mask;
    struct statx_time accessed, born, changed, modified;
    uint32_t rdev_major, rdev_minor, device_major, device_minor;
    uint64_t spare2[14];
};

static uint32_t encode_device(dev_t device) {
    return (minor(device) & 0xff) | major(device) << 8 | (minor(device) & ~0xffu) << 12;
}

static bool is_lost(nlink_t links) {
    if (!ways.loses_removed || links > 0) return false;
    errno = ENOENT;
    return true;
}

int read_attributes(struct node *node, struct fuse_attr *out) {
    struct stat s;
    if (fstatat(descriptor_of(node), "", &s, AT_EMPTY_PATH) || is_lost(s.st_nlink)) return -1;
    *out = (struct fuse_attr){
        .ino = s.st_ino, .size = s.st_size, .blocks = s.st_blocks, .atime = s.st_atim.tv_sec,
        .mtime = s.st_mtim.tv_sec, .ctime = s.st_ctim.tv_sec, .atimensec = s.st_atim.tv_nsec,
        .mtimensec = s.st_mtim.tv_nsec, .ctimensec = s.st_ctim.tv_nsec, .mode = s.st_mode, .nlink = s.st_nlink,
        .uid = s.st_uid, .gid = s.st_gid, .rdev = encode_device(s.st_rdev), .blksize = s.st_blksize};
    return 0;
}

// The kernel may believe for a second; a server that loses things is asked each time.
static uint64_t valid_seconds(void) { return ways.loses_removed ? 0 : 1; }

void fill_entry(struct node *node, struct fuse_entry_out *out) {
    *out = (struct fuse_entry_out){
        .nodeid = id_of(node), .generation = node->generation, .entry_valid = valid_seconds(),
        .attr_valid = valid_seconds()};
    read_attributes(node, &out->attr);
}

void get_attributes(struct request *r) {
    struct fuse_attr_out out = {.attr_valid = valid_seconds()};
    if (read_attributes(node_of(r->head->nodeid), &out.attr)) return answer_result(r, -1);
    answer(r, &out, sizeof out);
}

static struct statx_time time_of(struct statx_timestamp time) {
    return (struct statx_time){time.tv_sec, time.tv_nsec, 0};
}

void get_statx(struct request *r) {
    struct statx s;
    if (!ways.birth_times) return answer_result(r, -ENOSYS);
    int result = statx(descriptor_of(node_of(r->head->nodeid)), "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &s);
    if (result || is_lost(s.stx_nlink)) return answer_result(r, -1);
    struct statx_answer out = {
        .valid = valid_seconds(), .mask = s.stx_mask & (STATX_BASIC_STATS | STATX_BTIME),
        .block_bytes = s.stx_blksize, .links = s.stx_nlink, .uid = s.stx_uid, .gid = s.stx_gid, .mode = s.stx_mode,
        .inode = s.stx_ino, .bytes = s.stx_size, .blocks = s.stx_blocks, .accessed = time_of(s.stx_atime),
        .born = time_of(s.stx_btime), .changed = time_of(s.stx_ctime), .modified = time_of(s.stx_mtime),
        .rdev_major = s.stx_rdev_major, .rdev_minor = s.stx_rdev_minor};
    answer(r, &out, sizeof out);
}

static struct timespec time_to_set(uint32_t valid, uint32_t now, uint32_t given, uint64_t seconds, uint32_t nano) {
    if (valid & now) return (struct timespec){.tv_nsec = UTIME_NOW};
    if (!(valid & given)) return (struct timespec){.tv_nsec = UTIME_OMIT};
    return (struct timespec){.tv_sec = seconds, .tv_nsec = nano};
}

static int set_size(struct node *node, struct fuse_setattr_in *in) {
    char path[32];
    return in->valid & FATTR_FH ? ftruncate(in->fh, in->size) : truncate(path_of(node, path), in->size);
}

void set_attributes(struct request *r) {
    struct node *node = node_of(r->head->nodeid);
    struct fuse_setattr_in *in = r->body;
    char path[32];
    if (in->valid & (FATTR_UID | FATTR_GID)) {
        uid_t uid = in->valid & FATTR_UID ? in->uid : (uid_t)-1;
        gid_t gid = in->valid & FATTR_GID ? in->gid : (gid_t)-1;
        if (fchownat(descriptor_of(node), "", uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) return answer_result(r, -1);
    }
    if (in->valid & FATTR_MODE && chmod(path_of(node, path), in->mode & 07777)) return answer_result(r, -1);
    if (in->valid & FATTR_SIZE && set_size(node, in)) return answer_result(r, -1);
    if (in->valid & (FATTR_ATIME | FATTR_MTIME | FATTR_ATIME_NOW | FATTR_MTIME_NOW)) {
        struct timespec times[2] = {
            time_to_set(in->valid, FATTR_ATIME_NOW, FATTR_ATIME, in->atime, in->atimensec),
            time_to_set(in->valid, FATTR_MTIME_NOW, FATTR_MTIME, in->mtime, in->mtimensec)};
        if (utimensat(descriptor_of(node), "", times, AT_EMPTY_PATH)) return answer_result(r, -1);
    }
    get_attributes(r);
}

void set_extended(struct request *r) {
    struct fuse_setxattr_in *in = r->body;
    // Without FUSE_SETXATTR_EXT the structure ends after its first two fields.
    const char *name = (char *)r->body + FUSE_COMPAT_SETXATTR_IN_SIZE;
    char path[32];
    answer_result(r, setxattr(path_of(node_of(r->head->nodeid), path), name, name + strlen(name) + 1, in->size,
                              in->flags));
}

// The length alone where nothing is to be filled.
static void answer_bytes(struct request *r, ssize_t count, const void *bytes, size_t room) {
    if (count < 0) return answer_result(r, -1);
    struct fuse_getxattr_out length = {.size = count};
    if (room) answer(r, bytes, count);
    else answer(r, &length, sizeof length);
}

static char extended[65536];

void get_extended(struct request *r) {
    struct fuse_getxattr_in *in = r->body;
    char path[32];
    size_t room = in->size < sizeof extended ? in->size : sizeof extended;
    answer_bytes(r, getxattr(path_of(node_of(r->head->nodeid), path), (char *)(in + 1), extended, room), extended, room);
}

void list_extended(struct request *r) {
    struct fuse_getxattr_in *in = r->body;
    char path[32];
    size_t room = in->size < sizeof extended ? in->size : sizeof extended;
    answer_bytes(r, listxattr(path_of(node_of(r->head->nodeid), path), extended, room), extended, room);
}

void remove_extended(struct request *r) {
    char path[32];
    answer_result(r, removexattr(path_of(node_of(r->head->nodeid), path), r->body));
}
