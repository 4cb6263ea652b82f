// Paths of A that are taken for not there, as somebody else worked them out.
#include "treecompare.h"

static char **paths;
static size_t count;

static int by_bytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int read_left_out(const char *name) {
    FILE *file = fopen(name, "r");
    if (!file) return trouble(name, 0), -1;
    size_t capacity = 0, bytes = 0;
    char *line = NULL;
    while (getdelim(&line, &bytes, 0, file) > 0) {
        if (count == capacity) paths = realloc(paths, (capacity = capacity ? capacity * 2 : 64) * sizeof *paths);
        paths[count++] = strdup(line);
    }
    free(line);
    fclose(file);
    if (count) qsort(paths, count, sizeof *paths, by_bytes);
    return 0;
}

bool is_left_out(const char *path) {
    return count && bsearch(&path, paths, count, sizeof *paths, by_bytes);
}
