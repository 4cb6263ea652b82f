// How editors save.
#include "workload.h"

static int write_beside(struct world *w, struct place *place, const char *temporary) {
    int fd = openat(place->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    struct stat status = {0};
    fstatat(place->fd, place->name, &status, AT_SYMLINK_NOFOLLOW);
    write_content(w, fd, content_bytes(w));
    fchown(fd, status.st_uid, status.st_gid);
    fchmod(fd, status.st_mode & 07777);
    if (chance(w, 20)) fsync(fd);  // not always: the tree is to change faster than the disk
    close(fd);
    return 0;
}

static void temporary_name(struct world *w, char out[64]) {
    snprintf(out, 64, ".save%llu.swp", (unsigned long long)++w->names);
}

// A backup name beside the file, whatever the length of the file's own.
static void backup_name(const char *name, char out[256]) { snprintf(out, 256, "%.200s~", name); }

enum outcome save_by_rename(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry) return SKIPPED;
    char temporary[64];
    temporary_name(w, temporary);
    struct place place = place_of(w, entry);
    enum outcome outcome = result(w, write_beside(w, &place, temporary));
    if (outcome == DONE) outcome = result(w, renameat(place.fd, temporary, place.fd, place.name));
    leave(&place);
    return outcome;
}

// The old file becomes the backup, a new one takes its name.
enum outcome save_with_backup(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry) return SKIPPED;
    char backup[256], temporary[64], name[256];
    backup_name(entry->name, backup);
    temporary_name(w, temporary);
    memcpy(name, entry->name, sizeof name);
    struct entry *before = child_named(entry->parent, backup), *parent = entry->parent;
    if (before == entry || (before && before->type != FILE_)) return SKIPPED;
    struct place place = place_of(w, entry);
    if (before) {  // unlinked first: a backup that is a link of the file itself would make the rename do nothing
        unlinkat(place.fd, backup, 0);
        detach(w, before);
    }
    enum outcome outcome = result(w, write_beside(w, &place, temporary));
    if (outcome == DONE) outcome = result(w, renameat(place.fd, name, place.fd, backup));
    if (outcome == DONE) outcome = result(w, renameat(place.fd, temporary, place.fd, name));
    leave(&place);
    if (outcome == DONE) {
        move_entry(w, entry, parent, backup);
        attach(w, parent, name, FILE_);
    }
    return outcome;
}

// The backup is a second link for a moment, then a rename takes the name away from it.
enum outcome save_by_link_backup(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry) return SKIPPED;
    char backup[256], temporary[64];
    backup_name(entry->name, backup);
    temporary_name(w, temporary);
    struct entry *before = child_named(entry->parent, backup), *parent = entry->parent;
    if (before == entry || (before && before->type != FILE_)) return SKIPPED;
    struct place place = place_of(w, entry);
    if (before) {
        unlinkat(place.fd, backup, 0);
        detach(w, before);
    }
    enum outcome outcome = result(w, link_name(place.fd, place.name, place.fd, backup));
    if (outcome == DONE) attach(w, parent, backup, FILE_);
    if (outcome == DONE) outcome = result(w, write_beside(w, &place, temporary));
    if (outcome == DONE) outcome = result(w, renameat(place.fd, temporary, place.fd, place.name));
    leave(&place);
    return outcome;
}

// A swap file comes and goes, the file is truncated and written in place.
enum outcome save_in_place(struct world *w) {
    struct entry *entry = pick(w, INSIDE, FILE_);
    if (!entry) return SKIPPED;
    char temporary[64];
    temporary_name(w, temporary);
    struct place place = place_of(w, entry);
    write_beside(w, &place, temporary);
    int fd = openat(place.fd, place.name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    enum outcome outcome = result(w, fd);
    if (fd >= 0) {
        write_content(w, fd, content_bytes(w));
        close(fd);
    }
    unlinkat(place.fd, temporary, 0);
    leave(&place);
    return outcome;
}
