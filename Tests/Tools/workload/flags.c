// The flags of chattr(1). No event tells of a change of them, so each comes with one of its object that does.
//
// What is immutable or append-only refuses most other operations: such flags go before the next one.
#include "workload.h"
#include <linux/fs.h>
#include <sys/ioctl.h>

static int change(int fd, int set, int clear) {
    int flags;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags)) return -1;
    flags = (flags & ~clear) | set;
    return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int reopen(int fd, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, flags | O_CLOEXEC);
}

static int same_mode(int fd) {
    struct stat status;
    return fstat(fd, &status) ? -1 : fchmod(fd, status.st_mode & 07777);
}

enum outcome set_nodump_flag(struct world *w) {
    struct entry *entry = chance(w, 60) ? pick(w, INSIDE, FILE_) : pick(w, INSIDE, DIRECTORY);
    if (!entry) return SKIPPED;
    int fd = open_entry(w, entry, O_RDONLY);
    if (fd < 0) return refused(w);
    bool sets = chance(w, 60);
    enum outcome outcome = result(w, change(fd, sets ? FS_NODUMP_FL : 0, sets ? 0 : FS_NODUMP_FL));
    if (outcome == DONE) outcome = result(w, same_mode(fd));
    close(fd);
    return outcome;
}

static enum outcome forbid_file(struct world *w, struct entry *entry) {
    int fd = open_entry(w, entry, O_RDWR);
    if (fd < 0) return refused(w);
    int kept = reopen(fd, O_RDONLY);
    enum outcome outcome = result(w, change(fd, chance(w, 50) ? FS_IMMUTABLE_FL : FS_APPEND_FL, 0));
    close(fd);  // of a writer: this is told
    if (outcome == DONE) w->forbidden[w->forbidden_count++] = kept;
    else close(kept);
    return outcome;
}

static enum outcome forbid_directory(struct world *w, struct entry *entry) {
    int fd = open_entry(w, entry, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return refused(w);
    enum outcome outcome = result(w, change(fd, FS_APPEND_FL, 0));
    if (outcome != DONE) {
        close(fd);
        return outcome;
    }
    w->forbidden[w->forbidden_count++] = fd;
    char name[256];  // a new name is all that it takes, and is told
    random_name(w, entry, name);
    return create_file(w, entry, name, content_bytes(w)) ? DONE : refused(w);
}

enum outcome set_forbidding_flag(struct world *w) {
    if (w->forbidden_count == FORBIDDEN_MAX) return SKIPPED;
    if (chance(w, 70)) {
        struct entry *entry = pick(w, INSIDE, FILE_);
        return entry ? forbid_file(w, entry) : SKIPPED;
    }
    struct entry *entry = pick_not_root(w, INSIDE);
    return entry ? forbid_directory(w, entry) : SKIPPED;
}

// Also those that an earlier run left.
void forget_flags(struct world *w) {
    for (int type = DIRECTORY; type <= FILE_; type++)
        for (uint32_t i = 0; i < w->lists[INSIDE][type].count; i++) {
            int fd = open_entry(w, w->lists[INSIDE][type].items[i], O_RDONLY | O_NONBLOCK);
            int flags;
            if (fd >= 0 && !ioctl(fd, FS_IOC_GETFLAGS, &flags) && flags & (FS_IMMUTABLE_FL | FS_APPEND_FL))
                change(fd, 0, FS_IMMUTABLE_FL | FS_APPEND_FL);
            close(fd);
        }
}

void clear_forbidding_flags(struct world *w) {
    while (w->forbidden_count) {
        int fd = w->forbidden[--w->forbidden_count];
        change(fd, 0, FS_IMMUTABLE_FL | FS_APPEND_FL);
        struct stat status;
        if (!fstat(fd, &status) && S_ISDIR(status.st_mode)) same_mode(fd);
        else close(reopen(fd, O_WRONLY));
        close(fd);
    }
}
