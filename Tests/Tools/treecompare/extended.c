// Extended attributes of every namespace, ACLs among them, by value.
#include "treecompare.h"
#include <sys/xattr.h>

enum { LIST_MAX = 1 << 16, VALUE_MAX = 1 << 16, ATTRIBUTES_MAX = 8192 };

struct list {
    char bytes[LIST_MAX];
    const char *names[ATTRIBUTES_MAX];
    int count;
};

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

// Through the descriptor of the directory: the path stays short, and a symlink is not followed.
static void path_of(const struct spot *spot, int side, char out[512]) {
    snprintf(out, 512, "/proc/self/fd/%d/%s", spot->directory[side], spot->name[side]);
}

static void read_list(const struct spot *spot, int side, struct list *list) {
    char path[512];
    path_of(spot, side, path);
    list->count = 0;
    ssize_t bytes = llistxattr(path, list->bytes, LIST_MAX);
    if (bytes < 0) {
        if (errno != ENOTSUP) trouble("list attributes", side);
        return;
    }
    for (char *name = list->bytes; name < list->bytes + bytes; name += strlen(name) + 1)
        // xfs shows root each ACL once more under these names.
        if (strncmp(name, "trusted.SGI_ACL_", 16) && list->count < ATTRIBUTES_MAX) list->names[list->count++] = name;
    if (list->count) qsort(list->names, list->count, sizeof *list->names, by_name);
}

static void compare_value(const struct spot *spot, const char *name) {
    static char values[2][VALUE_MAX];
    ssize_t bytes[2];
    for (int side = 0; side < 2; side++) {
        char path[512];
        path_of(spot, side, path);
        bytes[side] = lgetxattr(path, name, values[side], VALUE_MAX);
        if (bytes[side] < 0) return trouble(name, side);
    }
    if (bytes[0] != bytes[1] || memcmp(values[0], values[1], bytes[0]))
        difference("attribute %s: %zd bytes, %zd bytes, not the same", name, bytes[0], bytes[1]);
}

void compare_extended(const struct spot *spot) {
    static struct list lists[2];
    for (int side = 0; side < 2; side++) read_list(spot, side, &lists[side]);
    for (int a = 0, b = 0; a < lists[0].count || b < lists[1].count;) {
        int order = a == lists[0].count ? 1 : b == lists[1].count ? -1 : strcmp(lists[0].names[a], lists[1].names[b]);
        if (order < 0) difference("attribute %s only in A", lists[0].names[a++]);
        else if (order > 0) difference("attribute %s only in B", lists[1].names[b++]);
        else {
            compare_value(spot, lists[0].names[a++]);
            b++;
        }
    }
}
