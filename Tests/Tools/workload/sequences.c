// Many sequences at once: each has a small tree of its own, so that one running backup meets them all.
//
// The program stops where its caller should let the backup catch up: it prints a line, and goes on when
// a line comes back.
#include "workload.h"

struct sequence {
    int first, second;  // -1: none
};

static struct pair enter(struct pair base, struct sequence s, bool make) {
    char name[64];
    if (s.second < 0) snprintf(name, sizeof name, "seq-%d", s.first);
    else snprintf(name, sizeof name, "seq-%d-%d", s.first, s.second);
    if (make) {
        mkdirat(base.root, name, 0755);
        mkdirat(base.outside, name, 0755);
    }
    return (struct pair){openat(base.root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                         openat(base.outside, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

static void depart(struct pair p) {
    close(p.root);
    close(p.outside);
}

static void caught_up(const char *stage) {
    puts(stage);
    fflush(stdout);
    for (int c; (c = getchar()) != '\n';)
        if (c == EOF) exit(2);
}

static void apply(struct pair base, struct sequence s, bool first, bool second) {
    struct pair p = enter(base, s, false);
    if (p.root < 0 || p.outside < 0) {
        perror("workload: a sequence's directory");
        exit(2);
    }
    if (first) kinds[s.first].apply(p);
    if (second && s.second >= 0) kinds[s.second].apply(p);
    depart(p);
}

// All singles; with length 2 all pairs as well, or a sample of them.
int sequences(struct pair base, int length, uint64_t sample, uint64_t seed, bool in_burst) {
    size_t singles = kinds_count, pairs = length < 2 ? 0 : kinds_count * kinds_count;
    struct sequence *all = calloc(singles + pairs, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < singles; i++) all[count++] = (struct sequence){i, -1};
    if (sample && sample < pairs) {
        struct world w = {.random = seed};
        // Selection sampling: each pair once at most, every one as likely as the next.
        uint64_t wanted = sample;
        for (size_t n = 0; n < pairs && wanted; n++)
            if (next_random(&w) % (pairs - n) < wanted) {
                all[count++] = (struct sequence){n / kinds_count, n % kinds_count};
                wanted--;
            }
    } else {
        for (size_t n = 0; n < pairs; n++) all[count++] = (struct sequence){n / kinds_count, n % kinds_count};
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_kind_excluded(all[i].first) && (all[i].second < 0 || !is_kind_excluded(all[i].second)))
            all[kept++] = all[i];
    count = kept;
    for (size_t i = 0; i < count; i++) {
        struct pair p = enter(base, all[i], true);
        make_small(p);
        depart(p);
    }
    caught_up("set up");
    if (in_burst) {
        for (size_t i = 0; i < count; i++) apply(base, all[i], true, true);
    } else {
        for (size_t i = 0; i < count; i++) apply(base, all[i], true, false);
        caught_up("first done");
        for (size_t i = 0; i < count; i++) apply(base, all[i], false, true);
    }
    printf("%zu sequences of up to %d of %zu kinds, seed %llu\n", count, length < 2 ? 1 : 2, kinds_count,
           (unsigned long long)seed);
    free(all);
    return 0;
}
