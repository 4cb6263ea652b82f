// Operations that bring new objects.
#include "workload.h"
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

// Deeper directories are left to renames: a random walk down would never end.
static struct entry *shallow(struct world *w, enum side side) {
    struct entry *directory = pick(w, side, DIRECTORY);
    while (depth_of(directory) > 40) directory = directory->parent;
    return directory;
}

static struct entry *new_directory(struct world *w, struct entry *parent, const char *name) {
    struct place place = place_in(w, parent, name);
    int made = mkdirat(place.fd, name, 0755);
    leave(&place);
    if (made < 0) {
        refused(w);
        return NULL;
    }
    return attach(w, parent, name, DIRECTORY);
}

enum outcome make_file(struct world *w) {
    struct entry *directory = shallow(w, INSIDE);
    char name[256];
    random_name(w, directory, name);
    return create_file(w, directory, name, content_bytes(w)) ? DONE : REFUSED;
}

enum outcome make_directory(struct world *w) {
    struct entry *directory = shallow(w, INSIDE);
    char name[256];
    random_name(w, directory, name);
    return new_directory(w, directory, name) ? DONE : REFUSED;
}

// mkdir -p, and at once files in it: the events of the lower ones come before anyone knows the upper.
enum outcome make_chain(struct world *w) {
    struct entry *directory = shallow(w, INSIDE);
    for (uint32_t left = 2 + below(w, 6); left; left--) {
        char name[256];
        random_name(w, directory, name);
        if (!(directory = new_directory(w, directory, name))) return REFUSED;
        if (chance(w, 40)) {
            random_name(w, directory, name);
            create_file(w, directory, name, content_bytes(w));
        }
    }
    return DONE;
}

// A path longer than PATH_MAX.
enum outcome make_long_chain(struct world *w) {
    struct entry *directory = w->root[INSIDE];
    for (int level = 0; level < 18; level++) {
        char name[256];
        memset(name, 'a' + level, 250);
        snprintf(name + 240, 16, "%llu", (unsigned long long)++w->names);
        if (!(directory = new_directory(w, directory, name))) return REFUSED;
    }
    return create_file(w, directory, "bottom", 100) ? DONE : REFUSED;
}

enum outcome make_sparse(struct world *w) {
    struct entry *directory = shallow(w, INSIDE);
    char name[256];
    random_name(w, directory, name);
    struct entry *entry = create_file(w, directory, name, 10);
    if (!entry) return REFUSED;
    int fd = open_entry(w, entry, O_WRONLY);
    for (int i = below(w, 4); i >= 0; i--) {
        lseek(fd, (off_t)below(w, 4096) * 4096, SEEK_SET);
        write_content(w, fd, 1 + below(w, 9000));
    }
    if (chance(w, 50)) ftruncate(fd, (off_t)below(w, 16 << 20));
    close(fd);
    return DONE;
}

enum outcome make_symlink(struct world *w) {
    struct entry *directory = shallow(w, INSIDE), *target = pick_any(w, INSIDE);
    char name[256], text[1024];
    random_name(w, directory, name);
    switch (below(w, 4)) {
    case 0: snprintf(text, sizeof text, "../%s", target ? target->name : "nowhere"); break;
    case 1: snprintf(text, sizeof text, "/nowhere/at all\n\xff"); break;
    case 2:
        memset(text, 't', sizeof text);
        text[1 + below(w, 1000)] = 0;
        break;
    default: snprintf(text, sizeof text, "%s", target ? target->name : "."); break;
    }
    struct place place = place_in(w, directory, name);
    enum outcome outcome = result(w, symlinkat(text, place.fd, name));
    leave(&place);
    if (outcome == DONE) attach(w, directory, name, SPECIAL);
    return outcome;
}

static enum outcome node(struct world *w, mode_t type) {
    struct entry *directory = shallow(w, INSIDE);
    char name[256];
    random_name(w, directory, name);
    dev_t device = S_ISFIFO(type) ? 0 : makedev(below(w, 500), below(w, 100000));
    struct place place = place_in(w, directory, name);
    enum outcome outcome = result(w, mknodat(place.fd, name, type | 0640, device));
    leave(&place);
    if (outcome == DONE) attach(w, directory, name, SPECIAL);
    return outcome;
}

enum outcome make_fifo(struct world *w) { return node(w, S_IFIFO); }
enum outcome make_device(struct world *w) { return node(w, S_IFCHR); }
enum outcome make_block_device(struct world *w) { return node(w, S_IFBLK); }

enum outcome make_socket(struct world *w) {
    struct entry *directory = shallow(w, INSIDE);
    char name[256];
    random_name(w, directory, name);
    struct place place = place_in(w, directory, name);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    enum outcome outcome = SKIPPED;
    if (strlen(place.path) < sizeof address.sun_path) {
        strcpy(address.sun_path, place.path);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        outcome = result(w, bind(fd, (struct sockaddr *)&address, sizeof address));
        close(fd);
        if (outcome == DONE) attach(w, directory, name, SPECIAL);
    }
    leave(&place);
    return outcome;
}

// Something outside, to be moved in later: a file, or a directory with files and directories.
enum outcome make_outside(struct world *w) {
    struct entry *directory = w->root[OUTSIDE];
    char name[256];
    random_name(w, directory, name);
    if (chance(w, 40)) return create_file(w, directory, name, content_bytes(w)) ? DONE : REFUSED;
    for (uint32_t left = 1 + below(w, 3); left; left--) {
        if (!(directory = new_directory(w, directory, name))) return REFUSED;
        for (uint32_t files = below(w, 5); files; files--) {
            random_name(w, directory, name);
            create_file(w, directory, name, content_bytes(w));
        }
        random_name(w, directory, name);
    }
    return DONE;
}

enum outcome make_temporary_link(struct world *w) {
    struct entry *directory = shallow(w, INSIDE);
    char name[256];
    random_name(w, directory, name);
    struct place place = place_in(w, directory, name);
    enum outcome outcome = REFUSED;
    int fd = openat(place.fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) {
        write_content(w, fd, content_bytes(w));
        outcome = result(w, linkat(fd, "", place.fd, name, AT_EMPTY_PATH));
        if (chance(w, 50)) write_content(w, fd, 100);  // the event still carries the temporary's false name
        close(fd);
        if (outcome == DONE) attach(w, directory, name, FILE_);
    }
    leave(&place);
    return outcome;
}
