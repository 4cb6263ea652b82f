// Writers that stay: descriptors and mappings kept across many other operations.
#include "workload.h"
#include <sys/mman.h>

enum outcome hold(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry || w->held_count == HELD_MAX) return SKIPPED;
    int fd = open_entry(w, entry, O_RDWR);
    if (fd < 0) return refused(w);
    w->held[w->held_count++] = fd;
    return DONE;
}

enum outcome write_held(struct world *w) {
    if (!w->held_count) return SKIPPED;
    int fd = w->held[below(w, w->held_count)];
    lseek(fd, below(w, 50000), SEEK_SET);
    return result(w, write_content(w, fd, 1 + below(w, 3000)));
}

enum outcome release(struct world *w) {
    if (!w->held_count) return SKIPPED;
    int index = below(w, w->held_count);
    close(w->held[index]);
    w->held[index] = w->held[--w->held_count];
    return DONE;
}

// A file that has no name any more and is written still.
enum outcome hold_unlinked(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry || w->held_count == HELD_MAX) return SKIPPED;
    int fd = open_entry(w, entry, O_RDWR);
    if (fd < 0) return refused(w);
    struct place place = place_of(w, entry);
    enum outcome outcome = result(w, unlinkat(place.fd, place.name, 0));
    leave(&place);
    if (outcome == DONE) detach(w, entry);
    write_content(w, fd, 100);
    w->held[w->held_count++] = fd;
    return outcome;
}

enum outcome hold_map(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry || w->mapped_count == MAPPED_MAX) return SKIPPED;
    // A file of its own, that no other operation truncates: a store beyond the end would be SIGBUS.
    char name[256];
    random_name(w, entry->parent, name);
    struct place place = place_in(w, entry->parent, name);
    int fd = openat(place.fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum outcome outcome = result(w, fd);
    if (fd >= 0) {
        struct entry *made = attach(w, entry->parent, name, SPECIAL);
        if (ftruncate(fd, MAPPED_BYTES) < 0) detach(w, made);
        char *memory = mmap(NULL, MAPPED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory != MAP_FAILED) w->mapped[w->mapped_count++] = memory;
        close(fd);
    }
    leave(&place);
    return outcome;
}

enum outcome store_map(struct world *w) {
    if (!w->mapped_count) return SKIPPED;
    char *memory = w->mapped[below(w, w->mapped_count)];
    for (int stores = 1 + below(w, 4); stores; stores--) memory[below(w, MAPPED_BYTES)] ^= 1 + below(w, 255);
    return DONE;
}

enum outcome release_map(struct world *w) {
    if (!w->mapped_count) return SKIPPED;
    int index = below(w, w->mapped_count);
    munmap(w->mapped[index], MAPPED_BYTES);
    w->mapped[index] = w->mapped[--w->mapped_count];
    return DONE;
}
