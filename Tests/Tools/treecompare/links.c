// Hard links: the names of A fall into the same groups as the names of B.
//
// A's inodes are mapped to B's and back; both maps must be functions. Objects with one link on both sides
// need no entry. A link outside the trees makes a count higher, never a group.
#include "treecompare.h"

struct row {
    dev_t device;
    ino_t inode;
    dev_t other_device;
    ino_t other_inode;
    char *path;  // where it was met first; NULL: a free row
};
struct map {
    struct row *rows;
    size_t count, capacity;
};

static size_t place(const struct map *map, dev_t device, ino_t inode) {
    uint64_t hash = (inode * 0x9e3779b97f4a7c15) ^ device;
    size_t at = (hash ^ hash >> 29) & (map->capacity - 1);
    while (map->rows[at].path && (map->rows[at].inode != inode || map->rows[at].device != device))
        at = (at + 1) & (map->capacity - 1);
    return at;
}

static void grow(struct map *map) {
    struct map larger = {.capacity = map->capacity ? map->capacity * 2 : 1024, .count = map->count};
    larger.rows = calloc(larger.capacity, sizeof *larger.rows);
    for (size_t i = 0; i < map->capacity; i++)
        if (map->rows[i].path) larger.rows[place(&larger, map->rows[i].device, map->rows[i].inode)] = map->rows[i];
    free(map->rows);
    *map = larger;
}

static void check(struct map *map, const struct stat *here, const struct stat *there, const char *trees) {
    if (map->count * 2 >= map->capacity) grow(map);
    struct row *row = &map->rows[place(map, here->st_dev, here->st_ino)];
    if (!row->path) {
        *row = (struct row){here->st_dev, here->st_ino, there->st_dev, there->st_ino, copy_of_path()};
        map->count++;
    } else if (row->other_inode != there->st_ino || row->other_device != there->st_dev) {
        difference("one object with %.300s in %c, but not in %c", row->path, trees[0], trees[1]);
    }
}

void compare_links(const struct stat status[2]) {
    static struct map maps[2];
    if (status[0].st_nlink < 2 && status[1].st_nlink < 2) return;
    check(&maps[0], &status[0], &status[1], "AB");
    check(&maps[1], &status[1], &status[0], "BA");
}
