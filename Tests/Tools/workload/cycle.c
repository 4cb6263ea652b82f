// Several renames that end near where they began.
#include "workload.h"

// A name free in the directory both on disk and in the model.
static void free_name(struct world *w, char out[256]) {
    snprintf(out, 256, "cycle%llu", (unsigned long long)++w->names);
}

static enum outcome back_and_forth(struct world *w, struct entry *entry) {
    if (!entry) return SKIPPED;
    char other[256];
    free_name(w, other);
    struct place place = place_of(w, entry);
    enum outcome outcome = DONE;
    uint32_t moves = 2 + below(w, 5);
    for (uint32_t i = 0; i < moves && outcome == DONE; i++)
        outcome = result(w, i % 2 ? renameat(place.fd, other, place.fd, place.name)
                                  : renameat(place.fd, place.name, place.fd, other));
    if (outcome == DONE && moves % 2) move_entry(w, entry, entry->parent, other);
    leave(&place);
    return outcome;
}

enum outcome there_and_back(struct world *w) { return back_and_forth(w, pick(w, INSIDE, FILE_)); }
enum outcome directory_there_and_back(struct world *w) { return back_and_forth(w, pick_not_root(w, INSIDE)); }

enum outcome out_changed_back(struct world *w) {
    struct entry *entry = pick_any(w, INSIDE);
    if (!entry) return SKIPPED;
    char name[256];
    free_name(w, name);
    struct entry *parent = entry->parent;
    struct place home = place_of(w, entry);
    int outside = w->root_fd[OUTSIDE];
    enum outcome outcome = result(w, renameat(home.fd, home.name, outside, name));
    if (outcome == DONE) {
        if (entry->type == FILE_) {
            int fd = openat(outside, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
            write_content(w, fd, 1 + content_bytes(w));
            close(fd);
        } else if (entry->type == DIRECTORY) {
            int directory = openat(outside, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            char added[256];
            random_name(w, entry, added);
            int fd = openat(directory, added, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
            if (fd >= 0) {
                write_content(w, fd, content_bytes(w));
                close(fd);
                attach(w, entry, added, FILE_);
            }
            if (entry->count && chance(w, 50)) {
                struct entry *gone = entry->children[below(w, entry->count)];
                if (!remove_below(directory, gone->name)) detach(w, gone);
            }
            close(directory);
        }
        outcome = result(w, renameat(outside, name, home.fd, home.name));
        if (outcome != DONE) move_entry(w, entry, w->root[OUTSIDE], name);
        else if (entry->parent != parent) abort();
    }
    leave(&home);
    return outcome;
}

// The child becomes the parent of what was its parent.
enum outcome invert(struct world *w) {
    struct entry *child = NULL;
    for (int tries = 0; tries < 10 && !child; tries++) {
        struct entry *entry = pick_not_root(w, INSIDE);
        if (entry && entry->parent->parent) child = entry;
    }
    if (!child) return SKIPPED;
    struct entry *parent = child->parent, *above = parent->parent;
    char up[256], down[256];
    free_name(w, up);
    free_name(w, down);
    struct place from = place_of(w, child), to = place_in(w, above, up);
    enum outcome outcome = result(w, renameat(from.fd, from.name, to.fd, up));
    leave(&from);
    if (outcome == DONE) {
        move_entry(w, child, above, up);
        int into = openat(to.fd, up, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        outcome = result(w, renameat(to.fd, parent->name, into, down));
        close(into);
        if (outcome == DONE) move_entry(w, parent, child, down);
    }
    leave(&to);
    return outcome;
}

// a to a third name, b to a, the third to b.
enum outcome swap_by_three(struct world *w) {
    struct entry *a = pick_any(w, INSIDE), *b = pick_any(w, INSIDE);
    if (!a || a == b || lies_in(a, b) || lies_in(b, a)) return SKIPPED;
    char third[256];
    free_name(w, third);
    struct place at_a = place_of(w, a), at_b = place_of(w, b);
    enum outcome outcome = result(w, renameat(at_a.fd, at_a.name, at_a.fd, third));
    if (outcome == DONE) {
        outcome = result(w, renameat(at_b.fd, at_b.name, at_a.fd, at_a.name));
        // A directory of an overlayfs's lower layer does not move (EXDEV): a gets its name back.
        if (outcome == DONE) outcome = result(w, renameat(at_a.fd, third, at_b.fd, at_b.name));
        else result(w, renameat(at_a.fd, third, at_a.fd, at_a.name));
    }
    leave(&at_a);
    leave(&at_b);
    if (outcome == DONE) exchange_entries(w, a, b);
    return outcome;
}

// A directory moves out and another one comes in under its name.
enum outcome replace_directory(struct world *w) {
    struct entry *entry = pick_not_root(w, INSIDE), *other = pick_not_root(w, OUTSIDE);
    if (!entry || !other) return SKIPPED;
    char name[256], out[256];
    free_name(w, out);
    memcpy(name, entry->name, sizeof name);
    struct entry *parent = entry->parent;
    struct place home = place_of(w, entry), from = place_of(w, other);
    enum outcome outcome = result(w, renameat(home.fd, home.name, w->root_fd[OUTSIDE], out));
    if (outcome == DONE) {
        move_entry(w, entry, w->root[OUTSIDE], out);
        outcome = result(w, renameat(from.fd, from.name, home.fd, name));
        if (outcome == DONE) move_entry(w, other, parent, name);
    }
    leave(&home);
    leave(&from);
    return outcome;
}

// One directory through several others, written to at each stop.
enum outcome chain_of_renames(struct world *w) {
    struct entry *entry = pick_not_root(w, INSIDE);
    if (!entry) return SKIPPED;
    for (int stops = 2 + below(w, 4); stops; stops--) {
        struct entry *parent = pick(w, INSIDE, DIRECTORY);
        if (lies_in(parent, entry) || depth_of(parent) > 60) continue;
        char name[256];
        free_name(w, name);
        struct place from = place_of(w, entry), to = place_in(w, parent, name);
        enum outcome outcome = result(w, renameat(from.fd, from.name, to.fd, name));
        leave(&from);
        leave(&to);
        if (outcome != DONE) return outcome;
        move_entry(w, entry, parent, name);
        random_name(w, entry, name);
        create_file(w, entry, name, 30);
    }
    return DONE;
}
