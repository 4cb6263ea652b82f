// The bytes of files and the targets of symlinks.
#include "treecompare.h"

enum { BLOCK = 1 << 18 };

static ssize_t read_block(int fd, char *buffer) {
    ssize_t total = 0, got;
    while (total < BLOCK && (got = read(fd, buffer + total, BLOCK - total))) {
        if (got < 0) return -1;
        total += got;
    }
    return total;
}

void compare_content(const struct spot *spot, off_t bytes) {
    static char buffers[2][BLOCK];
    int fds[2];
    for (int side = 0; side < 2; side++) {
        fds[side] = openat(spot->directory[side], spot->name[side],
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME | O_CLOEXEC);
        if (fds[side] < 0) {
            trouble("open", side);
            if (side) close(fds[0]);
            return;
        }
    }
    off_t offset = 0;
    for (;;) {
        ssize_t got[2];
        for (int side = 0; side < 2; side++)
            if ((got[side] = read_block(fds[side], buffers[side])) < 0) trouble("read", side);
        if (got[0] < 0 || got[1] < 0) break;
        ssize_t common = got[0] < got[1] ? got[0] : got[1];
        if (memcmp(buffers[0], buffers[1], common)) {
            ssize_t at = 0;
            while (buffers[0][at] == buffers[1][at]) at++;
            difference("content: first at byte %lld of %lld", (long long)(offset + at), (long long)bytes);
            break;
        }
        if (got[0] != got[1]) {
            difference("content: %lld bytes, %lld bytes read", (long long)(offset + got[0]), (long long)(offset + got[1]));
            break;
        }
        if (!got[0]) break;
        offset += got[0];
    }
    close(fds[0]);
    close(fds[1]);
}

void compare_targets(const struct spot *spot) {
    char targets[2][4097];
    for (int side = 0; side < 2; side++) {
        ssize_t bytes = readlinkat(spot->directory[side], spot->name[side], targets[side], 4096);
        if (bytes < 0) return trouble("readlink", side);
        targets[side][bytes] = 0;
    }
    if (strcmp(targets[0], targets[1])) difference("target: %.1500s, %.1500s", targets[0], targets[1]);
}
