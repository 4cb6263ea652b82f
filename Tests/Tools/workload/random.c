// Random numbers, names and sizes, all from the one seed.
#include "workload.h"

// splitmix64: one word of state, and every seed is a good one.
uint64_t next_random(struct world *w) {
    uint64_t z = w->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint32_t below(struct world *w, uint32_t bound) { return bound ? next_random(w) % bound : 0; }

bool chance(struct world *w, uint32_t percent) { return below(w, 100) < percent; }

// A name that the directory does not have. Names from a small pool come often, so that one name is used
// again by other objects.
void random_name(struct world *w, struct entry *directory, char out[256]) {
    static const char *const pool[] = {"a", "b", "c", "d", "e", "x", "y", "tmp"};
    for (;;) {
        unsigned long long n = ++w->names;
        switch (below(w, 24)) {
        case 0: case 1: case 2: case 3: snprintf(out, 256, "%s", pool[below(w, 8)]); break;
        case 4: snprintf(out, 256, "-%llu", n); break;
        case 5: snprintf(out, 256, "new\nline\t%llu\x1b[0m", n); break;
        case 6: snprintf(out, 256, "\xff\xfe\xc3(%llu", n); break;
        case 7:
            memset(out, 'l', 255);
            out[255] = 0;
            out[snprintf(out, 256, "%llu", n)] = '_';
            break;
        case 8: {
            // What the tool under test calls its own things, and near misses of it.
            static const char *const own[] = {".treeline~", ".treeline~x", ".treeline~~", ".treelinex", ".treeline~tmp"};
            snprintf(out, 256, "%s", own[below(w, 5)]);
            break;
        }
        case 9: snprintf(out, 256, "%%s%%n\\ '\"%llu", n); break;
        case 10: snprintf(out, 256, "na\xc3\xafve \xe2\x80\xae%llu", n); break;
        default: snprintf(out, 256, "n%llu", n);
        }
        if (!child_named(directory, out)) return;
    }
}

// Mostly small, seldom up to 1 MiB; every power of two is as likely as the next.
size_t content_bytes(struct world *w) {
    uint32_t bits = chance(w, 2) ? 20 : below(w, 16);
    return below(w, (1u << bits) + 1);
}
