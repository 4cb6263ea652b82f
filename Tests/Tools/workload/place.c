// Reaching entries: one component at a time, so that a path may be longer than PATH_MAX.
#include "workload.h"

int open_directory(struct world *w, struct entry *directory) {
    if (!directory->parent) return openat(w->root_fd[directory->side], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int above = open_directory(w, directory->parent);
    if (above < 0) return -1;
    int fd = openat(above, directory->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "workload: cannot enter a directory of the model: %s\n", strerror(errno));
        w->unexpected++;
    }
    close(above);
    return fd;
}

struct place place_in(struct world *w, struct entry *directory, const char *name) {
    struct place place = {.fd = open_directory(w, directory), .name = name};
    snprintf(place.path, sizeof place.path, "/proc/self/fd/%d/%s", place.fd, name);
    return place;
}

struct place place_of(struct world *w, struct entry *entry) {
    if (entry->parent) return place_in(w, entry->parent, entry->name);
    return place_in(w, entry, ".");
}

void leave(struct place *place) {
    int saved = errno;
    close(place->fd);
    errno = saved;
}

int open_entry(struct world *w, struct entry *entry, int flags) {
    struct place place = place_of(w, entry);
    int fd = openat(place.fd, place.name, flags | O_NOFOLLOW | O_CLOEXEC);
    leave(&place);
    return fd;
}

enum outcome refused(struct world *w) {
    // These say that the model and the tree differ, or that this program is wrong; all others are the
    // filesystem's right.
    if (errno == ENOENT || errno == EEXIST || errno == ENOTDIR || errno == EBADF || errno == EFAULT ||
        errno == EISDIR || errno == ENOTEMPTY) {
        fprintf(stderr, "workload: %s: unexpected: %s\n", w->operation, strerror(errno));
        w->unexpected++;
    }
    return REFUSED;
}

enum outcome result(struct world *w, int value) { return value < 0 ? refused(w) : DONE; }
