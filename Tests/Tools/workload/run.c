// The random run: picks operations by weight, keeps the tree within bounds, counts.
#include "workload.h"
#include <time.h>

enum { KINDS_MAX = 256, FEWEST = 800 };
static bool excluded[KINDS_MAX];

void exclude_operation(const char *name) {
    for (size_t i = 0; i < operations_count; i++)
        if (strstr(operations[i].name, name)) excluded[i] = true;
}

static bool kind_excluded[KINDS_MAX];

void exclude_kind(const char *name) {
    for (size_t i = 0; i < kinds_count; i++)
        if (strstr(kinds[i].name, name)) kind_excluded[i] = true;
}

bool is_kind_excluded(int kind) { return kind_excluded[kind]; }

static size_t choose(struct world *w, uint32_t most) {
    uint32_t total = 0, size = size_of(w, INSIDE), outside = size_of(w, OUTSIDE);
    for (size_t i = 0; i < operations_count; i++) total += operations[i].weight;
    for (;;) {
        uint32_t point = below(w, total);
        size_t i = 0;
        while (point >= operations[i].weight) point -= operations[i++].weight;
        if (excluded[i]) continue;
        if (size > most && operations[i].growth > 0) continue;
        if (size < FEWEST && operations[i].growth < 0 && chance(w, 95)) continue;
        if (outside > most / 4 && operations[i].apply == move_out) continue;
        return i;
    }
}

static void keep_rate(double rate, uint64_t done, const struct timespec *start) {
    if (rate <= 0) return;
    double due = start->tv_sec + start->tv_nsec / 1e9 + done / rate;
    struct timespec until = {.tv_sec = (time_t)due, .tv_nsec = (long)((due - (time_t)due) * 1e9)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
}

// What is seen while nothing happens shall have some of the flags that go before the next operation.
static void rest(struct world *w) {
    for (size_t i = 0; i < operations_count; i++)
        if (operations[i].apply == set_forbidding_flag && excluded[i]) return;
    w->operation = "rest";
    for (int i = 0; i < FORBIDDEN_MAX - 1; i++) set_forbidding_flag(w);
}

int run(struct world *w, uint64_t seed, uint64_t count, double rate, uint64_t progress, bool gated, uint32_t most,
        bool leaves_flags) {
    uint64_t outcomes[KINDS_MAX][3] = {0};
    struct timespec start;
    w->random = seed;
    fill_filler(seed);
    load(w, graft(w, INSIDE));
    load(w, graft(w, OUTSIDE));
    forget_flags(w);
    printf("seed %llu\n", (unsigned long long)seed);
    fflush(stdout);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (uint64_t done = 0, shown = UINT64_MAX; done < count;) {  // what was skipped or refused does not count
        if (progress && done % progress == 0 && done != shown) {
            shown = done;
            if (leaves_flags) rest(w);
            printf("progress %llu\n", (unsigned long long)done);
            fflush(stdout);
            if (gated && getchar() == EOF) return 2;
        }
        clear_forbidding_flags(w);
        size_t index = choose(w, most);
        w->operation = operations[index].name;
        enum outcome outcome = operations[index].apply(w);
        outcomes[index][outcome]++;
        if (outcome == DONE) keep_rate(rate, ++done, &start);
    }
    while (w->held_count) release(w);
    while (w->mapped_count) release_map(w);
    clear_forbidding_flags(w);
    if (leaves_flags) rest(w);
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    uint64_t total[3] = {0};
    for (size_t i = 0; i < operations_count; i++) {
        for (int o = 0; o < 3; o++) total[o] += outcomes[i][o];
        printf("%-26s done %-6llu skipped %-6llu refused %llu\n", operations[i].name,
               (unsigned long long)outcomes[i][DONE], (unsigned long long)outcomes[i][SKIPPED],
               (unsigned long long)outcomes[i][REFUSED]);
    }
    printf("seed %llu: %llu done, %llu skipped, %llu refused, %llu unexpected; %u objects inside, %u outside; %.2f s\n",
           (unsigned long long)seed, (unsigned long long)total[DONE], (unsigned long long)total[SKIPPED],
           (unsigned long long)total[REFUSED], (unsigned long long)w->unexpected, size_of(w, INSIDE),
           size_of(w, OUTSIDE), end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);
    return w->unexpected ? 1 : 0;
}
