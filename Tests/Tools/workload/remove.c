// Operations that take objects away, or put others in their place.
#include "workload.h"

static enum outcome unlink_entry(struct world *w, struct entry *entry) {
    if (!entry) return SKIPPED;
    struct place place = place_of(w, entry);
    enum outcome outcome = result(w, unlinkat(place.fd, place.name, 0));
    leave(&place);
    if (outcome == DONE) detach(w, entry);
    return outcome;
}

enum outcome remove_file(struct world *w) { return unlink_entry(w, pick(w, INSIDE, FILE_)); }
enum outcome remove_special(struct world *w) { return unlink_entry(w, pick(w, INSIDE, SPECIAL)); }

// An empty directory in some tries, or none.
static struct entry *empty_directory(struct world *w) {
    for (int tries = 0; tries < 20; tries++) {
        struct entry *entry = pick_not_root(w, INSIDE);
        if (entry && !entry->count) return entry;
    }
    return NULL;
}

enum outcome remove_directory(struct world *w) {
    struct entry *entry = empty_directory(w);
    if (!entry) return SKIPPED;
    struct place place = place_of(w, entry);
    enum outcome outcome = result(w, unlinkat(place.fd, place.name, AT_REMOVEDIR));
    leave(&place);
    if (outcome == DONE) detach(w, entry);
    return outcome;
}

enum outcome remove_subtree(struct world *w) {
    struct entry *entry = pick_not_root(w, INSIDE);
    if (!entry) return SKIPPED;
    struct place place = place_of(w, entry);
    enum outcome outcome = result(w, remove_below(place.fd, place.name));
    leave(&place);
    if (outcome == DONE) detach(w, entry);
    return outcome;
}

// Names that come and go faster than anyone can look.
enum outcome burst(struct world *w) {
    struct entry *directory = pick(w, INSIDE, DIRECTORY);
    struct place place = place_in(w, directory, ".");
    uint32_t count = 5 + below(w, 40);
    uint64_t first = w->names;
    char name[64];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "burst%llu", (unsigned long long)++w->names);
        int fd = openat(place.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0) {
            write_content(w, fd, 20);
            close(fd);
        }
        if (i % 2) unlinkat(place.fd, name, 0);
    }
    for (uint32_t i = 0; i < count; i += 2) {
        snprintf(name, sizeof name, "burst%llu", (unsigned long long)(first + 1 + i));
        unlinkat(place.fd, name, 0);
    }
    leave(&place);
    return DONE;
}

// The same name again, for another object and often another type.
enum outcome reuse_name(struct world *w) {
    struct entry *entry = chance(w, 20) ? pick_any(w, INSIDE) : pick(w, INSIDE, FILE_);
    if (!entry || entry->count > 30) return SKIPPED;
    struct entry *parent = entry->parent;
    char name[256];
    memcpy(name, entry->name, sizeof name);
    struct place place = place_in(w, parent, name);
    if (remove_below(place.fd, name) < 0) {
        leave(&place);
        return refused(w);
    }
    detach(w, entry);
    enum outcome outcome = DONE;
    switch (below(w, 4)) {
    case 0:
        outcome = result(w, mkdirat(place.fd, name, 0700));
        if (outcome == DONE) {
            struct entry *directory = attach(w, parent, name, DIRECTORY);
            create_file(w, directory, "in-its-place", 50);
        }
        break;
    case 1:
        outcome = result(w, symlinkat("in its place", place.fd, name));
        if (outcome == DONE) attach(w, parent, name, SPECIAL);
        break;
    case 2:
        outcome = result(w, mknodat(place.fd, name, S_IFIFO | 0600, 0));
        if (outcome == DONE) attach(w, parent, name, SPECIAL);
        break;
    default: create_file(w, parent, name, content_bytes(w));
    }
    leave(&place);
    return outcome;
}

enum outcome replace_symlink(struct world *w) {
    struct entry *entry = pick(w, INSIDE, SPECIAL);
    if (!entry) return SKIPPED;
    struct place place = place_of(w, entry);
    char text[64];
    snprintf(text, sizeof text, "replaced %llu", (unsigned long long)++w->names);
    unlinkat(place.fd, "replacement", 0);
    enum outcome outcome = REFUSED;
    if (!child_named(entry->parent, "replacement") && !symlinkat(text, place.fd, "replacement"))
        outcome = result(w, renameat(place.fd, "replacement", place.fd, place.name));
    leave(&place);
    return outcome;
}
