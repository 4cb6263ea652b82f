// The names of one directory, in the order of their bytes.
#include "treecompare.h"
#include <dirent.h>

static int by_bytes(const void *a, const void *b) {
    return strcmp(((const struct name *)a)->shown, ((const struct name *)b)->shown);
}

// A destination keeps its own state in `.treeline`. A name of the source's root that is `.treeline` with any
// number of `~` and whatever follows them has one `~` more there. Returns the source's name.
static const char *name_at_source(const char *raw, char *space, size_t bytes) {
    static const char own[] = ".treeline~";
    if (strncmp(raw, own, sizeof own - 1)) return raw;
    const char *rest = raw + sizeof own - 1;
    if (*rest && *rest != '~') return raw;
    snprintf(space, bytes, ".treeline%s", rest);
    return space;
}

static bool is_ignored(const char *name, int side, const struct rules *rules) {
    if (side == 1 && !rules->plain && !strcmp(name, ".treeline")) return true;
    for (int i = 0; i < rules->ignored_count; i++)
        if (!strcmp(name, rules->ignored[i])) return true;
    return false;
}

int read_names(int directory, int side, bool top, const struct rules *rules, struct names *names) {
    *names = (struct names){0};
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream) return trouble("open directory", side), -1;
    size_t capacity = 0;
    for (;;) {
        errno = 0;
        struct dirent *found = readdir(stream);
        if (!found) break;
        const char *raw = found->d_name;
        char space[300];
        if (!strcmp(raw, ".") || !strcmp(raw, "..") || (top && is_ignored(raw, side, rules))) continue;
        if (names->count == capacity)
            names->items = realloc(names->items, (capacity = capacity ? capacity * 2 : 32) * sizeof *names->items);
        bool renamed = top && side == 1 && rules->destination;
        names->items[names->count++] =
            (struct name){strdup(renamed ? name_at_source(raw, space, sizeof space) : raw), strdup(raw)};
    }
    if (errno) trouble("read directory", side);
    closedir(stream);
    if (names->count) qsort(names->items, names->count, sizeof *names->items, by_bytes);
    return 0;
}

void free_names(struct names *names) {
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i].shown);
        free(names->items[i].raw);
    }
    free(names->items);
}
