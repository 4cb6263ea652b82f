// Content: bytes that differ from write to write.
#include "workload.h"
#include <dirent.h>

char filler[1 << 20];

void fill_filler(uint64_t seed) {
    struct world w = {.random = seed ^ 0x7465787475726531};
    for (size_t i = 0; i < sizeof filler; i += 8) {
        uint64_t word = next_random(&w);
        memcpy(filler + i, &word, 8);
    }
}

// Writes at the descriptor's offset; the first bytes are always new ones.
int write_content(struct world *w, int fd, size_t bytes) {
    uint64_t stamp = next_random(w);
    size_t head = bytes < sizeof stamp ? bytes : sizeof stamp;
    if (write(fd, &stamp, head) < 0) return -1;
    for (size_t left = bytes - head; left;) {
        size_t start = below(w, sizeof filler / 2), length = left < sizeof filler / 2 ? left : sizeof filler / 2;
        ssize_t written = write(fd, filler + start, length);
        if (written <= 0) return -1;
        left -= written;
    }
    return 0;
}

struct entry *create_file(struct world *w, struct entry *directory, const char *name, size_t bytes) {
    struct place place = place_in(w, directory, name);
    int fd = openat(place.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    leave(&place);
    if (fd < 0) {
        refused(w);
        return NULL;
    }
    write_content(w, fd, bytes);
    close(fd);
    return attach(w, directory, name, FILE_);
}

int remove_below(int directory, const char *name) {
    int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return unlinkat(directory, name, 0);
    DIR *stream = fdopendir(fd);
    struct dirent *found;
    while ((found = readdir(stream))) {
        if (!strcmp(found->d_name, ".") || !strcmp(found->d_name, "..")) continue;
        if (found->d_type == DT_DIR) remove_below(fd, found->d_name);
        else unlinkat(fd, found->d_name, 0);
    }
    closedir(stream);
    return unlinkat(directory, name, AT_REMOVEDIR);
}
