// What the two trees hold, as far as this program made it.
#include "workload.h"
#include <dirent.h>

static void append_to(struct list *list, struct entry *entry) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 64;
        list->items = realloc(list->items, list->capacity * sizeof *list->items);
    }
    entry->slot = list->count;
    list->items[list->count++] = entry;
}

static void remove_from(struct list *list, struct entry *entry) {
    struct entry *last = list->items[--list->count];
    list->items[entry->slot] = last;
    last->slot = entry->slot;
}

static void hang(struct entry *parent, struct entry *entry) {
    if (parent->count == parent->capacity) {
        parent->capacity = parent->capacity ? parent->capacity * 2 : 8;
        parent->children = realloc(parent->children, parent->capacity * sizeof *parent->children);
    }
    entry->parent = parent;
    entry->position = parent->count;
    parent->children[parent->count++] = entry;
}

static void unhang(struct entry *entry) {
    struct entry *parent = entry->parent, *last = parent->children[--parent->count];
    parent->children[entry->position] = last;
    last->position = entry->position;
}

struct entry *graft(struct world *w, enum side side) {
    struct entry *entry = calloc(1, sizeof *entry);
    entry->side = side;
    entry->type = DIRECTORY;
    w->root[side] = entry;
    append_to(&w->lists[side][DIRECTORY], entry);
    return entry;
}

struct entry *attach(struct world *w, struct entry *parent, const char *name, enum type type) {
    struct entry *entry = calloc(1, sizeof *entry);
    entry->side = parent->side;
    entry->type = type;
    snprintf(entry->name, sizeof entry->name, "%s", name);
    hang(parent, entry);
    append_to(&w->lists[entry->side][type], entry);
    return entry;
}

static void forget(struct world *w, struct entry *entry) {
    for (uint32_t i = 0; i < entry->count; i++) forget(w, entry->children[i]);
    remove_from(&w->lists[entry->side][entry->type], entry);
    free(entry->children);
    free(entry);
}

void detach(struct world *w, struct entry *entry) {
    unhang(entry);
    forget(w, entry);
}

static void change_side(struct world *w, struct entry *entry, enum side side) {
    if (entry->side == side) return;
    remove_from(&w->lists[entry->side][entry->type], entry);
    entry->side = side;
    append_to(&w->lists[side][entry->type], entry);
    for (uint32_t i = 0; i < entry->count; i++) change_side(w, entry->children[i], side);
}

void move_entry(struct world *w, struct entry *entry, struct entry *parent, const char *name) {
    char copy[256];
    snprintf(copy, sizeof copy, "%s", name);
    unhang(entry);
    hang(parent, entry);
    memcpy(entry->name, copy, sizeof copy);
    change_side(w, entry, parent->side);
}

void exchange_entries(struct world *w, struct entry *a, struct entry *b) {
    struct entry *parent = b->parent;
    char name[256];
    memcpy(name, b->name, sizeof name);
    move_entry(w, b, a->parent, a->name);
    move_entry(w, a, parent, name);
}

struct entry *child_named(struct entry *directory, const char *name) {
    for (uint32_t i = 0; i < directory->count; i++)
        if (!strcmp(directory->children[i]->name, name)) return directory->children[i];
    return NULL;
}

struct entry *pick(struct world *w, enum side side, enum type type) {
    struct list *list = &w->lists[side][type];
    return list->count ? list->items[below(w, list->count)] : NULL;
}

struct entry *pick_not_root(struct world *w, enum side side) {
    if (w->lists[side][DIRECTORY].count < 2) return NULL;
    struct entry *entry;
    do entry = pick(w, side, DIRECTORY);
    while (!entry->parent);
    return entry;
}

struct entry *pick_any(struct world *w, enum side side) {
    uint32_t total = size_of(w, side);
    if (total < 2) return NULL;
    for (;;) {
        uint32_t index = below(w, total);
        for (int type = 0; type < TYPES; type++) {
            struct list *list = &w->lists[side][type];
            if (index < list->count) {
                if (list->items[index]->parent) return list->items[index];
                break;
            }
            index -= list->count;
        }
    }
}

bool lies_in(struct entry *entry, struct entry *ancestor) {
    for (; entry; entry = entry->parent)
        if (entry == ancestor) return true;
    return false;
}

uint32_t depth_of(struct entry *entry) {
    uint32_t depth = 0;
    for (; entry->parent; entry = entry->parent) depth++;
    return depth;
}

uint32_t size_of(struct world *w, enum side side) {
    uint32_t total = 0;
    for (int type = 0; type < TYPES; type++) total += w->lists[side][type].count;
    return total;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

void load(struct world *w, struct entry *directory) {
    struct dirent **found;
    int fd = open_directory(w, directory);
    int count = scandirat(fd, ".", &found, NULL, by_name);  // in the order of names: readdir's differs between runs
    for (int i = 0; i < count; i++) {
        const char *name = found[i]->d_name;
        struct stat status;
        if (strcmp(name, ".") && strcmp(name, "..") && !fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW)) {
            mode_t mode = status.st_mode;
            enum type type = S_ISDIR(mode) ? DIRECTORY : S_ISREG(mode) ? FILE_ : SPECIAL;
            struct entry *entry = attach(w, directory, name, type);
            if (type == DIRECTORY) load(w, entry);
        }
        free(found[i]);
    }
    if (count >= 0) free(found);
    close(fd);
}
