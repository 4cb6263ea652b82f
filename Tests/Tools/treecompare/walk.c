// Both trees side by side: two descriptors whatever the depth, and no recursion.
#include "treecompare.h"

struct level {
    struct names names[2];
    dev_t device[2];
    ino_t inode[2];
};

static const char *type_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFDIR: return "directory";
    case S_IFREG: return "file";
    case S_IFLNK: return "symlink";
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    case S_IFCHR: return "character device";
    default: return "block device";
    }
}

// Compares one name. Returns whether both are directories, to be entered.
static bool compare_spot(const struct spot *spot) {
    struct stat status[2];
    for (int side = 0; side < 2; side++)
        if (fstatat(spot->directory[side], spot->name[side], &status[side], AT_SYMLINK_NOFOLLOW)) {
            trouble("stat", side);
            return false;
        }
    mode_t type = status[0].st_mode & S_IFMT;
    if (type != (status[1].st_mode & S_IFMT)) {
        difference("type: %s, %s", type_of(type), type_of(status[1].st_mode));
        return false;
    }
    compare_attributes(status);
    compare_flags(spot);
    compare_extended(spot);
    if (type == S_IFLNK) compare_targets(spot);
    if (type == S_IFREG && status[0].st_size == status[1].st_size) compare_content(spot, status[0].st_size);
    if (type != S_IFDIR) compare_links(status);
    return type == S_IFDIR;
}

static bool enter(struct level *level, const int directory[2], bool top, const struct rules *rules) {
    for (int side = 0; side < 2; side++) {
        struct stat status;
        fstat(directory[side], &status);
        level->device[side] = status.st_dev;
        level->inode[side] = status.st_ino;
    }
    return !read_names(directory[0], 0, top, rules, &level->names[0]) &&
           !read_names(directory[1], 1, top, rules, &level->names[1]);
}

// Whether a name in A, where the comparison is, is taken for not there.
static bool is_without(const char *name) {
    push_name(name);
    char *path = copy_of_path();
    bool is = is_left_out(path);
    free(path);
    pop_name();
    return is;
}

// The next name that both have; those that only one has are reported on the way.
static bool next_common(struct level *level, const char *common[2]) {
    struct names *a = &level->names[0], *b = &level->names[1];
    while (a->next < a->count || b->next < b->count) {
        int order = a->next == a->count   ? 1
                    : b->next == b->count ? -1
                                          : strcmp(a->items[a->next].shown, b->items[b->next].shown);
        if (order <= 0 && is_without(a->items[a->next].raw)) {
            a->next++;
            continue;
        }
        if (!order) {
            common[0] = a->items[a->next++].raw;
            common[1] = b->items[b->next++].raw;
            return true;
        }
        struct names *only = order < 0 ? a : b;
        push_name(only->items[only->next++].raw);
        difference("only in %s", order < 0 ? "A" : "B");
        pop_name();
    }
    return false;
}

static void replace(int *fd, const char *name, int side) {
    int next = openat(*fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) {
        trouble("enter directory", side);
        exit(2);
    }
    close(*fd);
    *fd = next;
}

static void leave(int directory[2], const struct level *above) {
    for (int side = 0; side < 2; side++) {
        struct stat status;
        replace(&directory[side], "..", side);
        if (fstat(directory[side], &status) || status.st_ino != above->inode[side] ||
            status.st_dev != above->device[side]) {
            errno = ESTALE;
            trouble("the tree moved while it was read", side);
            exit(2);
        }
    }
}

void compare_trees(int a, int b, const struct rules *rules) {
    int directory[2] = {a, b};
    size_t depth = 0, capacity = 64;
    struct level *levels = calloc(capacity, sizeof *levels);
    compare_spot(&(struct spot){{a, b}, {".", "."}});
    if (!enter(&levels[0], directory, true, rules)) return;
    for (;;) {
        const char *common[2];
        if (!next_common(&levels[depth], common)) {
            free_names(&levels[depth].names[0]);
            free_names(&levels[depth].names[1]);
            if (!depth) break;
            leave(directory, &levels[--depth]);
            pop_name();
            continue;
        }
        push_name(common[0]);
        if (!compare_spot(&(struct spot){{directory[0], directory[1]}, {common[0], common[1]}})) {
            pop_name();
            continue;
        }
        replace(&directory[0], common[0], 0);
        replace(&directory[1], common[1], 1);
        if (++depth == capacity) levels = realloc(levels, (capacity *= 2) * sizeof *levels);
        enter(&levels[depth], directory, false, rules);
    }
    free(levels);
}
