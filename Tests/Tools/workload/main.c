// workload run --root DIR --outside DIR --seed N --operations N [--rate N/s] [--most OBJECTS]
//              [--without NAME]... [--progress N [--gated]] [--leave-flags]
// workload kinds
// workload setup --root DIR --outside DIR
// workload apply --root DIR --outside DIR KIND... [--pause-ms N]
// workload sequences --root DIR --outside DIR --length 1|2 [--sample N --seed N] [--burst]
//
// --leave-flags leaves some objects immutable or append-only at each stop and at the end.
// --progress prints a line every N operations; with --gated the next N wait for a byte on stdin.
// KIND is an index or a name that `workload kinds` lists.
#include "workload.h"
#include <getopt.h>
#include <limits.h>
#include <time.h>

static int usage(void) {
    fprintf(stderr, "usage: workload run|kinds|setup|apply|sequences --root DIR --outside DIR [options]\n");
    return 64;
}

static int enter_directory(const char *path) {
    mkdir(path, 0755);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) fprintf(stderr, "workload: %s: %s\n", path, strerror(errno));
    return fd;
}

static int kind_index(const char *text) {
    char *end;
    long index = strtol(text, &end, 10);
    if (!*end && index >= 0 && (size_t)index < kinds_count) return (int)index;
    for (size_t i = 0; i < kinds_count; i++)
        if (!strcmp(kinds[i].name, text)) return (int)i;
    return -1;
}

int main(int argc, char **argv) {
    enum { ROOT = 1, OUTSIDE_, SEED, OPERATIONS, RATE, MOST, WITHOUT, PROGRESS, GATED, PAUSE, LENGTH, SAMPLE, BURST, LEAVE };
    static const struct option options[] = {
        {"root", 1, 0, ROOT},         {"outside", 1, 0, OUTSIDE_}, {"seed", 1, 0, SEED},
        {"operations", 1, 0, OPERATIONS}, {"rate", 1, 0, RATE},    {"most", 1, 0, MOST},
        {"without", 1, 0, WITHOUT},   {"progress", 1, 0, PROGRESS}, {"gated", 0, 0, GATED},
        {"pause-ms", 1, 0, PAUSE},    {"length", 1, 0, LENGTH},    {"sample", 1, 0, SAMPLE},
        {"burst", 0, 0, BURST},       {"leave-flags", 0, 0, LEAVE}, {0, 0, 0, 0}};
    const char *root = NULL, *outside = NULL;
    uint64_t seed = 1, count = 1000, progress = 0, sample = 0;
    uint32_t most = 2000;
    long pause = 0;
    int length = 1;
    double rate = 0;
    bool gated = false, in_burst = false, leaves_flags = false;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) switch (option) {
        case ROOT: root = optarg; break;
        case OUTSIDE_: outside = optarg; break;
        case SEED: seed = strtoull(optarg, NULL, 0); break;
        case OPERATIONS: count = strtoull(optarg, NULL, 0); break;
        case RATE: rate = strtod(optarg, NULL); break;
        case MOST: most = strtoul(optarg, NULL, 0); break;
        case WITHOUT:
            exclude_operation(optarg);
            exclude_kind(optarg);
            break;
        case PROGRESS: progress = strtoull(optarg, NULL, 0); break;
        case GATED: gated = true; break;
        case PAUSE: pause = strtol(optarg, NULL, 0); break;
        case LENGTH: length = atoi(optarg); break;
        case SAMPLE: sample = strtoull(optarg, NULL, 0); break;
        case BURST: in_burst = true; break;
        case LEAVE: leaves_flags = true; break;
        default: return usage();
        }
    if (optind >= argc) return usage();
    const char *command = argv[optind++];
    umask(0);
    if (!strcmp(command, "kinds")) {
        for (size_t i = 0; i < kinds_count; i++) printf("%zu %s\n", i, kinds[i].name);
        return 0;
    }
    if (!root || !outside) return usage();
    struct pair both = {enter_directory(root), enter_directory(outside)};
    if (both.root < 0 || both.outside < 0) return 2;
    if (!strcmp(command, "run")) {
        static struct world w;
        w.root_fd[INSIDE] = both.root;
        w.root_fd[OUTSIDE] = both.outside;
        return run(&w, seed, count, rate, progress, gated, most, leaves_flags);
    }
    if (!strcmp(command, "setup")) {
        make_small(both);
        return 0;
    }
    if (!strcmp(command, "apply")) {
        for (int i = optind; i < argc; i++) {
            int index = kind_index(argv[i]);
            if (index < 0) return usage();
            kinds[index].apply(both);
            struct timespec time = {.tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000};
            if (pause && i + 1 < argc) nanosleep(&time, NULL);
        }
        return 0;
    }
    if (!strcmp(command, "sequences")) return sequences(both, length, sample, seed, in_burst);
    return usage();
}
