// An independent judge of two trees. It shares no code with what it judges.
#ifndef TREECOMPARE_H
#define TREECOMPARE_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

// One name under comparison, in both trees: A's and B's parent directories, and the name in each.
struct spot {
    int directory[2];
    const char *name[2];
};

// path.c: the path of the present spot, for reports only; it may be longer than PATH_MAX.
void push_name(const char *);
void pop_name(void);
char *copy_of_path(void);

// without.c: paths that are taken for not there in A
int read_left_out(const char *file);
bool is_left_out(const char *path);

// report.c
extern uint64_t differences, troubles;
void difference(const char *format, ...) __attribute__((format(printf, 1, 2)));
void trouble(const char *what, int side);
void print_escaped(const char *bytes);

// names.c: the sorted names of a directory
struct name {
    char *shown;  // compared with the other tree
    char *raw;    // on disk
};
struct names {
    struct name *items;
    size_t count, next;
};
struct rules {
    const char *ignored[16];  // at the top of either tree
    int ignored_count;
    bool plain;        // B is a tree like any other: nothing in it is ignored
    bool destination;  // undo what a destination does to the names of its root
};
int read_names(int directory, int side, bool top, const struct rules *, struct names *);
void free_names(struct names *);

// attributes.c, flags.c, extended.c, content.c, links.c
void compare_attributes(const struct stat status[2]);
void compare_flags(const struct spot *);
void compare_extended(const struct spot *);
void compare_content(const struct spot *, off_t bytes);
void compare_targets(const struct spot *);
void compare_links(const struct stat status[2]);

// walk.c
void compare_trees(int a, int b, const struct rules *);
#endif
