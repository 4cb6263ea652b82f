// Hard links.
#include "workload.h"

// linkat(2), where ENOENT means that there is no such name.
//
// On FUSE it may mean less: where someone asks for the attributes of an object while one of its names goes,
// Linux counts that name away twice, and takes the object for one without names until it is asked for anew.
int link_name(int from, const char *name, int to, const char *other) {
    if (!linkat(from, name, to, other, 0)) return 0;
    struct statx status;
    if (errno != ENOENT || statx(from, name, AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC, STATX_NLINK, &status)) return -1;
    return linkat(from, name, to, other, 0);
}

static enum outcome link_to(struct world *w, struct entry *entry, struct entry *parent, const char *name) {
    struct place from = place_of(w, entry), to = place_in(w, parent, name);
    enum outcome outcome = result(w, link_name(from.fd, from.name, to.fd, name));
    leave(&from);
    leave(&to);
    if (outcome == DONE) attach(w, parent, name, entry->type);
    return outcome;
}

enum outcome link_file(struct world *w) {
    struct entry *entry = pick(w, INSIDE, chance(w, 90) ? FILE_ : SPECIAL), *parent = pick(w, INSIDE, DIRECTORY);
    if (!entry) return SKIPPED;
    char name[256];
    random_name(w, parent, name);
    return link_to(w, entry, parent, name);
}

// One object with a name on either side; both ways round.
enum outcome link_outside(struct world *w) {
    enum side from = chance(w, 70) ? INSIDE : OUTSIDE;
    struct entry *entry = pick(w, from, FILE_), *parent = pick(w, from == INSIDE ? OUTSIDE : INSIDE, DIRECTORY);
    if (!entry) return SKIPPED;
    char name[256];
    random_name(w, parent, name);
    return link_to(w, entry, parent, name);
}

// A change made through the name outside.
enum outcome write_outside_link(struct world *w) {
    for (int tries = 0; tries < 20; tries++) {
        struct entry *entry = pick(w, OUTSIDE, FILE_);
        if (!entry) return SKIPPED;
        int fd = open_entry(w, entry, O_WRONLY);
        struct stat status = {0};
        if (fd < 0) return SKIPPED;
        fstat(fd, &status);
        if (status.st_nlink < 2) {
            close(fd);
            continue;
        }
        enum outcome outcome = result(w, write_content(w, fd, 1 + content_bytes(w)));
        if (chance(w, 30)) fchmod(fd, 0600 | below(w, 0100));
        close(fd);
        return outcome;
    }
    return SKIPPED;
}

// Ends with or without the second name; the queue can look the same for both.
enum outcome link_cycle(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_), *parent = pick(w, INSIDE, DIRECTORY);
    if (!entry) return SKIPPED;
    char name[256];
    random_name(w, parent, name);
    struct place from = place_of(w, entry), to = place_in(w, parent, name);
    enum outcome outcome = DONE;
    bool linked = false;
    for (uint32_t steps = 2 + below(w, 5); steps && outcome == DONE; steps--, linked = !linked)
        outcome = result(w, linked ? unlinkat(to.fd, name, 0) : link_name(from.fd, from.name, to.fd, name));
    if (outcome == DONE && linked) attach(w, parent, name, FILE_);
    leave(&from);
    leave(&to);
    return outcome;
}

// A link put over an existing name, by a second name and a rename.
enum outcome link_over(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_), *victim = pick(w, INSIDE, FILE_);
    if (!entry || entry == victim) return SKIPPED;
    char name[64];
    snprintf(name, sizeof name, "over%llu", (unsigned long long)++w->names);
    struct place from = place_of(w, entry), to = place_of(w, victim);
    enum outcome outcome = result(w, link_name(from.fd, from.name, to.fd, name));
    if (outcome == DONE) outcome = result(w, renameat(to.fd, name, to.fd, to.name));
    unlinkat(to.fd, name, 0);  // it stays where both were one object already
    leave(&from);
    leave(&to);
    return outcome;
}

// No event and no effect: both names stay.
enum outcome rename_onto_itself(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_), *parent = pick(w, INSIDE, DIRECTORY);
    if (!entry) return SKIPPED;
    char name[256];
    random_name(w, parent, name);
    enum outcome outcome = link_to(w, entry, parent, name);
    if (outcome != DONE) return outcome;
    struct place from = place_of(w, entry), to = place_in(w, parent, name);
    outcome = result(w, renameat(from.fd, from.name, to.fd, name));
    leave(&from);
    leave(&to);
    return outcome;
}
