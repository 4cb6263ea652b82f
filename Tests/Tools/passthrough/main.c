// passthrough DIRECTORY MOUNTPOINT [--birth-times] [--loses-removed] [--fold-case]
//
// Shows a directory at a mount point through FUSE, as root; it goes on in the background, and ends when that is
// unmounted. --birth-times: tells when objects were made, as few servers do. --loses-removed: knows nothing
// of what has no name any more, though it is open, as servers that go by paths. --fold-case: in directories
// whose name begins with "folding", and beneath them, names that differ in the case of ASCII letters are the same.
#include "passthrough.h"
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/uio.h>

struct ways ways;

void answer(struct request *r, const void *bytes, size_t count) {
    struct fuse_out_header head = {.len = sizeof head + count, .unique = r->head->unique};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, count}};
    // ENOENT: whoever asked was interrupted.
    if (writev(r->channel, parts, 2) < 0 && errno != ENOENT) perror("passthrough: answer");
}

void answer_result(struct request *r, int result) {
    // EBADF: a node that is closed cannot be opened any more.
    if (result == -1) result = errno == EBADF ? -ESTALE : -errno;
    struct fuse_out_header head = {.len = sizeof head, .error = result, .unique = r->head->unique};
    if (write(r->channel, &head, sizeof head) < 0 && errno != ENOENT) perror("passthrough: answer");
}

static void begin(struct request *r) {
    struct fuse_init_in *in = r->body;
    uint32_t wanted = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_DONT_MASK | FUSE_POSIX_ACL;
    struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_readahead = in->max_readahead,
        .flags = in->flags & wanted, .max_write = WRITE_MAX, .time_gran = 1};
    answer(r, &out, sizeof out);
}

static void forget_many(struct request *r) {
    struct fuse_batch_forget_in *in = r->body;
    struct fuse_forget_one *each = (struct fuse_forget_one *)(in + 1);
    for (uint32_t i = 0; i < in->count; i++) forget_node(each[i].nodeid, each[i].nlookup);
}

enum { TMPFILE = 51, STATX = 52 };  // later than Debian's header

static void serve(struct request *r) {
    switch (r->head->opcode) {
    case FUSE_INIT: return begin(r);
    case FUSE_LOOKUP: return look_up(r);
    case FUSE_FORGET: return forget_node(r->head->nodeid, ((struct fuse_forget_in *)r->body)->nlookup);
    case FUSE_BATCH_FORGET: return forget_many(r);
    case FUSE_INTERRUPT: return;
    case FUSE_GETATTR: return get_attributes(r);
    case FUSE_SETATTR: return set_attributes(r);
    case STATX: return get_statx(r);
    case FUSE_READLINK: return read_link(r);
    case FUSE_SYMLINK: return make_link(r);
    case FUSE_MKNOD: return make_node(r);
    case FUSE_MKDIR: return make_directory(r);
    case FUSE_UNLINK: case FUSE_RMDIR: return remove_name(r);
    case FUSE_RENAME: case FUSE_RENAME2: return move_name(r);
    case FUSE_LINK: return make_name(r);
    case FUSE_OPEN: case FUSE_OPENDIR: return open_object(r);
    case FUSE_CREATE: case TMPFILE: return create_file(r);
    case FUSE_READ: return read_file(r);
    case FUSE_WRITE: return write_file(r);
    case FUSE_READDIR: return read_directory(r);
    case FUSE_RELEASE: case FUSE_RELEASEDIR: return close_object(r);
    case FUSE_FLUSH: return answer_result(r, 0);
    case FUSE_FSYNC: case FUSE_FSYNCDIR: return sync_object(r);
    case FUSE_FALLOCATE: return allocate(r);
    case FUSE_LSEEK: return seek(r);
    case FUSE_STATFS: return statistics(r);
    case FUSE_SETXATTR: return set_extended(r);
    case FUSE_GETXATTR: return get_extended(r);
    case FUSE_LISTXATTR: return list_extended(r);
    case FUSE_REMOVEXATTR: return remove_extended(r);
    default: return answer_result(r, -ENOSYS);
    }
}

// Until the filesystem is unmounted.
static int serve_all(int channel) {
    char *bytes = malloc(REQUEST_MAX + 1);
    for (;;) {
        ssize_t count = read(channel, bytes, REQUEST_MAX);
        if (count < 0 && errno == ENODEV) return 0;
        if (count < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) continue;
        if (count < (ssize_t)sizeof(struct fuse_in_header)) return 1;
        bytes[count] = 0;
        struct request r = {channel, (struct fuse_in_header *)bytes, bytes + sizeof(struct fuse_in_header)};
        begin_request();
        serve(&r);
    }
}

int main(int argc, char **argv) {
    for (int i = 3; i < argc; i++) {
        if (!strcmp(argv[i], "--birth-times")) ways.birth_times = true;
        else if (!strcmp(argv[i], "--loses-removed")) ways.loses_removed = true;
        else if (!strcmp(argv[i], "--fold-case")) ways.fold_case = true;
        else argc = 0;
    }
    if (argc < 3) {
        fprintf(stderr, "usage: passthrough DIRECTORY MOUNTPOINT [--birth-times] [--loses-removed] [--fold-case]\n");
        return 64;
    }
    // What is inherited would be held for as long as this goes on, and who started it may wait for its end.
    close_range(3, ~0U, 0);
    // Most objects that the kernel keeps in mind are open here.
    struct rlimit most;
    getrlimit(RLIMIT_NOFILE, &most);
    most.rlim_cur = most.rlim_max;
    setrlimit(RLIMIT_NOFILE, &most);
    int channel = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    root.fd = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
    char options[128];
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions",
             channel);
    if (channel < 0 || root.fd < 0 || mount("treeline-test", argv[2], "fuse", 0, options)) {
        perror("passthrough");
        return 1;
    }
    pid_t child = fork();
    if (child) return child < 0;
    setsid();
    return serve_all(channel);
}
