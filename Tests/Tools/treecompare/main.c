// treecompare A B [--destination|--plain] [--ignore-name NAME]... [--without FILE]
//
// Compares two trees in every attribute but atime, ctime, birth time and the sizes of directories: names,
// types, modes, owners, sizes, mtimes to the nanosecond, symlink targets, device numbers, content, groups of
// hard links, extended attributes, ACLs and flags, those of the two roots as well. `.treeline` at the top of B is
// ignored. --destination: B is a destination, whose root gives names like `.treeline~` one `~` more.
// --plain: B is none, and nothing in it is ignored.
// --ignore-name: leaves a name at the top of both out. --without: the paths in FILE, each ended by NUL, are
// taken for not there in A. Exit 0: equal, 1: different, 2: trouble.
#include "treecompare.h"
#include <getopt.h>

int main(int argc, char **argv) {
    static const struct option options[] = {{"destination", 0, 0, 1}, {"ignore-name", 1, 0, 2}, {"without", 1, 0, 3}, {"plain", 0, 0, 4}, {0, 0, 0, 0}};
    struct rules rules = {0};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 1) rules.destination = true;
        else if (option == 4) rules.plain = true;
        else if (option == 2 && rules.ignored_count < 16) rules.ignored[rules.ignored_count++] = optarg;
        else if (option != 3 || read_left_out(optarg)) return 2;
    }
    if (argc - optind != 2) {
        fprintf(stderr, "usage: treecompare A B [--destination|--plain] [--ignore-name NAME] [--without FILE]\n");
        return 2;
    }
    int fds[2];
    for (int side = 0; side < 2; side++) {
        fds[side] = open(argv[optind + side], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fds[side] < 0) {
            fprintf(stderr, "treecompare: %s: %s\n", argv[optind + side], strerror(errno));
            return 2;
        }
    }
    compare_trees(fds[0], fds[1], &rules);
    if (differences || troubles)
        printf("%llu differences, %llu troubles\n", (unsigned long long)differences, (unsigned long long)troubles);
    return troubles ? 2 : differences ? 1 : 0;
}
