// Renames of every sort.
#include "workload.h"

static enum outcome rename_to(struct world *w, struct entry *entry, struct entry *parent, const char *name,
                              unsigned flags) {
    struct place from = place_of(w, entry), to = place_in(w, parent, name);
    enum outcome outcome = result(w, renameat2(from.fd, from.name, to.fd, name, flags));
    leave(&from);
    leave(&to);
    return outcome;
}

static enum outcome rename_somewhere(struct world *w, struct entry *entry, struct entry *parent) {
    if (!entry || !parent || lies_in(parent, entry)) return SKIPPED;
    char name[256];
    if (chance(w, 50) && !child_named(parent, entry->name)) memcpy(name, entry->name, sizeof name);
    else random_name(w, parent, name);
    enum outcome outcome = rename_to(w, entry, parent, name, 0);
    if (outcome == DONE) move_entry(w, entry, parent, name);
    return outcome;
}

enum outcome rename_file(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    return rename_somewhere(w, entry, entry && chance(w, 40) ? entry->parent : pick(w, INSIDE, DIRECTORY));
}

enum outcome rename_special(struct world *w) {
    return rename_somewhere(w, pick(w, INSIDE, SPECIAL), pick(w, INSIDE, DIRECTORY));
}

enum outcome rename_directory(struct world *w) {
    struct entry *entry = pick_not_root(w, INSIDE);
    return rename_somewhere(w, entry, entry && chance(w, 40) ? entry->parent : pick(w, INSIDE, DIRECTORY));
}

// A directory near the root into one far below.
enum outcome rename_deep(struct world *w) {
    struct entry *entry = pick_not_root(w, INSIDE), *parent = pick(w, INSIDE, DIRECTORY);
    if (!entry) return SKIPPED;
    while (entry->parent->parent && chance(w, 70)) entry = entry->parent;
    for (int tries = 0; tries < 8; tries++) {
        struct entry *other = pick(w, INSIDE, DIRECTORY);
        if (depth_of(other) > depth_of(parent) && depth_of(other) < 60 && !lies_in(other, entry)) parent = other;
    }
    return rename_somewhere(w, entry, parent);
}

// A name over another one. Where both are links to one object the kernel does nothing: both names stay. Not so
// on an overlayfs for two links of a file of its lower layer, though both show the same inode number.
static enum outcome rename_over(struct world *w, struct entry *entry, struct entry *victim) {
    if (!entry || !victim || entry == victim || lies_in(victim, entry) || lies_in(entry, victim)) return SKIPPED;
    struct place from = place_of(w, entry), to = place_of(w, victim);
    enum outcome outcome = result(w, renameat(from.fd, from.name, to.fd, to.name));
    bool stays = !faccessat(from.fd, from.name, F_OK, AT_SYMLINK_NOFOLLOW);
    leave(&from);
    leave(&to);
    if (outcome != DONE || stays) return outcome;
    struct entry *parent = victim->parent;
    char name[256];
    memcpy(name, victim->name, sizeof name);
    detach(w, victim);
    move_entry(w, entry, parent, name);
    return DONE;
}

enum outcome rename_over_file(struct world *w) {
    return rename_over(w, pick(w, INSIDE, chance(w, 85) ? FILE_ : SPECIAL), pick(w, INSIDE, FILE_));
}

enum outcome rename_over_directory(struct world *w) {
    for (int tries = 0; tries < 20; tries++) {
        struct entry *victim = pick_not_root(w, INSIDE);
        if (victim && !victim->count) return rename_over(w, pick_not_root(w, INSIDE), victim);
    }
    return SKIPPED;
}

static enum outcome exchange(struct world *w, struct entry *a, struct entry *b) {
    if (!a || !b || a == b || lies_in(a, b) || lies_in(b, a)) return SKIPPED;
    enum outcome outcome = rename_to(w, a, b->parent, b->name, RENAME_EXCHANGE);
    if (outcome == DONE) exchange_entries(w, a, b);
    return outcome;
}

enum outcome exchange_files(struct world *w) { return exchange(w, pick(w, INSIDE, FILE_), pick(w, INSIDE, FILE_)); }
enum outcome exchange_mixed(struct world *w) { return exchange(w, pick_any(w, INSIDE), pick_any(w, INSIDE)); }
enum outcome exchange_directories(struct world *w) {
    return exchange(w, pick_not_root(w, INSIDE), pick_not_root(w, INSIDE));
}

// Leaves a character device 0:0 at the old name.
enum outcome whiteout(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_), *parent = pick(w, INSIDE, DIRECTORY);
    if (!entry) return SKIPPED;
    char name[256], old[256];
    random_name(w, parent, name);
    memcpy(old, entry->name, sizeof old);
    struct entry *old_parent = entry->parent;
    enum outcome outcome = rename_to(w, entry, parent, name, RENAME_WHITEOUT);
    if (outcome == DONE) {
        move_entry(w, entry, parent, name);
        attach(w, old_parent, old, SPECIAL);
    }
    return outcome;
}

enum outcome move_out(struct world *w) {
    struct entry *entry = pick_any(w, INSIDE);
    if (entry && entry->type == DIRECTORY && chance(w, 50)) entry = pick(w, INSIDE, FILE_);
    return rename_somewhere(w, entry, pick(w, OUTSIDE, DIRECTORY));
}

enum outcome move_in(struct world *w) {
    struct entry *entry = chance(w, 60) ? pick_not_root(w, OUTSIDE) : pick_any(w, OUTSIDE);
    return rename_somewhere(w, entry, pick(w, INSIDE, DIRECTORY));
}

enum outcome move_in_over(struct world *w) {
    return rename_over(w, pick(w, OUTSIDE, FILE_), pick(w, INSIDE, FILE_));
}
