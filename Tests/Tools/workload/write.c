// Operations on the content of one file.
#include "workload.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

static int open_some(struct world *w, int flags) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    return entry ? open_entry(w, entry, flags) : -1;
}

// Opens a random file, or returns from the operation as skipped.
#define OPEN_OR_SKIP(fd, flags)         \
    int fd = open_some(w, flags);       \
    if (fd < 0) return SKIPPED

static enum outcome closing(struct world *w, int fd, long value) {
    int saved = errno;
    close(fd);
    errno = saved;
    return result(w, value < 0 ? -1 : 0);
}

static off_t bytes_of(int fd) {
    struct stat status = {0};
    fstat(fd, &status);
    return status.st_size;
}

enum outcome append(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY | O_APPEND);
    return closing(w, fd, write_content(w, fd, 1 + content_bytes(w)));
}

enum outcome overwrite(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY | O_TRUNC);
    return closing(w, fd, write_content(w, fd, content_bytes(w)));
}

// Other bytes under the same size and the same mtime.
enum outcome overwrite_quietly(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY);
    struct stat status;
    fstat(fd, &status);
    size_t bytes = status.st_size < 100000 ? status.st_size : 100000;
    int written = bytes ? write_content(w, fd, bytes) : 0;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, status.st_mtim};
    futimens(fd, times);
    return closing(w, fd, written);
}

enum outcome write_middle(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY);
    off_t bytes = bytes_of(fd);
    lseek(fd, below(w, bytes < (1 << 20) ? bytes : 1 << 20), SEEK_SET);
    return closing(w, fd, write_content(w, fd, 1 + below(w, 5000)));
}

static off_t new_length(struct world *w, off_t bytes) {
    switch (below(w, 3)) {
    case 0: return 0;
    case 1: return below(w, bytes < (1 << 24) ? bytes + 1 : 1 << 24);
    default: return bytes < (16 << 20) ? bytes + below(w, 20000) : bytes;
    }
}

enum outcome truncate_path(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry) return SKIPPED;
    struct place place = place_of(w, entry);
    struct stat status = {0};
    fstatat(place.fd, place.name, &status, AT_SYMLINK_NOFOLLOW);
    enum outcome outcome = result(w, truncate(place.path, new_length(w, status.st_size)));
    leave(&place);
    return outcome;
}

enum outcome truncate_descriptor(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY);
    return closing(w, fd, ftruncate(fd, new_length(w, bytes_of(fd))));
}

enum outcome allocate(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY);
    int mode = chance(w, 50) ? FALLOC_FL_KEEP_SIZE : 0;
    return closing(w, fd, fallocate(fd, mode, below(w, 100000), 1 + below(w, 100000)));
}

enum outcome punch_hole(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY);
    off_t start = below(w, bytes_of(fd) < (1 << 20) ? bytes_of(fd) : 1 << 20);
    return closing(w, fd, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, 1 + below(w, 20000)));
}

enum outcome zero_range(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY);
    return closing(w, fd, fallocate(fd, FALLOC_FL_ZERO_RANGE, below(w, 10000), 1 + below(w, 20000)));
}

// Stores that no event announces until the mapping goes.
enum outcome map_store(struct world *w) {
    OPEN_OR_SKIP(fd, O_RDWR);
    off_t bytes = bytes_of(fd);
    if (!bytes || bytes > (32 << 20)) return close(fd), SKIPPED;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) return closing(w, fd, -1);
    for (int stores = 1 + below(w, 5); stores; stores--) memory[below(w, bytes)] ^= 1 + below(w, 255);
    if (chance(w, 50)) {  // the descriptor may go before the mapping
        munmap(memory, bytes);
        return closing(w, fd, 0);
    }
    close(fd);
    memory[below(w, bytes)] ^= 0x55;
    munmap(memory, bytes);
    return DONE;
}

enum outcome write_direct(struct world *w) {
    OPEN_OR_SKIP(fd, O_WRONLY | O_DIRECT);
    static char aligned[16384] __attribute__((aligned(4096)));
    memcpy(aligned, filler + below(w, 500000), sizeof aligned);
    return closing(w, fd, pwrite(fd, aligned, 4096 * (1 + below(w, 4)), 4096 * below(w, 8)));
}

enum outcome copy_range(struct world *w) {
    OPEN_OR_SKIP(from, O_RDONLY);
    int to = open_some(w, O_WRONLY);
    // On one and the same file overlapping ranges are refused; that is fine.
    ssize_t copied = copy_file_range(from, NULL, to, NULL, 1 + below(w, 100000), 0);
    close(from);
    return closing(w, to, copied);
}

enum outcome clone_file(struct world *w) {
    OPEN_OR_SKIP(from, O_RDONLY);
    int to = open_some(w, O_WRONLY);
    int cloned = ioctl(to, FICLONE, from);
    close(from);
    return closing(w, to, cloned);
}

enum outcome send_file(struct world *w) {
    OPEN_OR_SKIP(from, O_RDONLY);
    int to = open_some(w, O_WRONLY);
    ssize_t sent = sendfile(to, from, NULL, 1 + below(w, 60000));
    close(from);
    return closing(w, to, sent);
}

enum outcome splice_file(struct world *w) {
    OPEN_OR_SKIP(to, O_WRONLY);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return closing(w, to, -1);
    ssize_t moved = write(ends[1], filler + below(w, 500000), 1 + below(w, 4000));
    close(ends[1]);
    if (moved > 0) moved = splice(ends[0], NULL, to, NULL, moved, 0);
    close(ends[0]);
    return closing(w, to, moved);
}
