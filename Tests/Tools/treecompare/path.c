// The path of what is being compared, kept as a stack of names.
#include "treecompare.h"

static char *path;
static size_t length, capacity;

void push_name(const char *name) {
    size_t added = strlen(name) + 1;
    if (length + added + 1 > capacity) path = realloc(path, capacity = (length + added + 1) * 2);
    path[length] = '/';
    memcpy(path + length + 1, name, added);
    length += added;
}

void pop_name(void) {
    while (length && path[length - 1] != '/') length--;
    if (length) length--;
    path[length] = 0;
}

char *copy_of_path(void) { return strdup(length ? path + 1 : "."); }
