// Modes, owners and times.
#include "workload.h"

static struct entry *some(struct world *w) { return chance(w, 60) ? pick(w, INSIDE, FILE_) : pick_any(w, INSIDE); }

static enum outcome mode_of(struct world *w, struct entry *entry, mode_t mode) {
    if (!entry) return SKIPPED;
    struct place place = place_of(w, entry);
    struct stat status = {0};
    fstatat(place.fd, place.name, &status, AT_SYMLINK_NOFOLLOW);
    enum outcome outcome = S_ISLNK(status.st_mode) ? SKIPPED : result(w, fchmodat(place.fd, place.name, mode, 0));
    leave(&place);
    return outcome;
}

enum outcome change_mode(struct world *w) { return mode_of(w, some(w), below(w, 010000)); }
enum outcome change_mode_none(struct world *w) { return mode_of(w, some(w), 0); }

enum outcome root_mode(struct world *w) {
    return result(w, fchmod(w->root_fd[INSIDE], 0700 | below(w, 010000)));
}

enum outcome change_owner(struct world *w) {
    struct entry *entry = some(w);
    if (!entry) return SKIPPED;
    uid_t uid = chance(w, 30) ? (uid_t)-1 : chance(w, 20) ? 4000000000u : below(w, 70000);
    // Not both -1: that takes a capability away, and the kernel reports it to nobody.
    gid_t gid = uid != (uid_t)-1 && chance(w, 30) ? (gid_t)-1 : below(w, 70000);
    struct place place = place_of(w, entry);
    enum outcome outcome = result(w, fchownat(place.fd, place.name, uid, gid, AT_SYMLINK_NOFOLLOW));
    leave(&place);
    return outcome;
}

// chown takes setuid away; a second chmod brings it back.
enum outcome change_owner_setuid(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry) return SKIPPED;
    struct place place = place_of(w, entry);
    fchmodat(place.fd, place.name, 06755, 0);
    enum outcome outcome = result(w, fchownat(place.fd, place.name, below(w, 1000), below(w, 1000), 0));
    if (chance(w, 50)) fchmodat(place.fd, place.name, 06711, 0);
    leave(&place);
    return outcome;
}

static struct timespec random_time(struct world *w) {
    return (struct timespec){.tv_sec = 1000000000 + below(w, 800000000), .tv_nsec = below(w, 1000000000)};
}

static enum outcome times_of(struct world *w, struct entry *entry, struct timespec access, struct timespec modified) {
    if (!entry) return SKIPPED;
    struct timespec times[2] = {access, modified};
    struct place place = place_of(w, entry);
    enum outcome outcome = result(w, utimensat(place.fd, place.name, times, AT_SYMLINK_NOFOLLOW));
    leave(&place);
    return outcome;
}

static const struct timespec untouched = {.tv_nsec = UTIME_OMIT};

enum outcome set_mtime(struct world *w) { return times_of(w, some(w), untouched, random_time(w)); }
enum outcome set_atime(struct world *w) { return times_of(w, some(w), random_time(w), untouched); }
enum outcome set_times(struct world *w) { return times_of(w, some(w), random_time(w), random_time(w)); }
enum outcome symlink_times(struct world *w) {
    return times_of(w, pick(w, INSIDE, SPECIAL), random_time(w), random_time(w));
}
enum outcome root_times(struct world *w) { return times_of(w, w->root[INSIDE], untouched, random_time(w)); }

enum outcome set_odd_times(struct world *w) {
    static const int64_t odd[] = {-2147483000, -1, 0, 4102444800, 9000000000};  // 1901, 1969, 1970, 2100, 2255
    struct timespec time = {.tv_sec = odd[below(w, 5)], .tv_nsec = chance(w, 50) ? 999999999 : 0};
    return times_of(w, some(w), untouched, time);
}
