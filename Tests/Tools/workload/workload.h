// A seeded generator of filesystem changes. It shares no code with what it tests.
//
// The program keeps a model of two trees that lie on one filesystem: the watched root and a directory
// outside it. Every operation picks its objects from the model, so one seed gives one run of system
// calls as far as the kernel allows.
#ifndef WORKLOAD_H
#define WORKLOAD_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum side { INSIDE, OUTSIDE, SIDES };
enum type { DIRECTORY, FILE_, SPECIAL, TYPES };

// A name in one of the two trees. A hard link is a second entry; the model does not join them.
struct entry {
    struct entry *parent, **children;
    uint32_t count, capacity;  // of children
    uint32_t position;         // in the parent's children
    uint32_t slot;             // in the world's list of its side and type
    uint8_t side, type;
    char name[256];
};

struct list {
    struct entry **items;
    uint32_t count, capacity;
};

enum { FORBIDDEN_MAX = 8, HELD_MAX = 16, MAPPED_MAX = 4, MAPPED_BYTES = 65536 };

struct world {
    struct entry *root[SIDES];
    int root_fd[SIDES];
    struct list lists[SIDES][TYPES];
    uint64_t random;
    uint64_t names;      // every generated name gets the next number
    int held[HELD_MAX];  // descriptors kept open across operations
    int held_count;
    char *mapped[MAPPED_MAX];
    int mapped_count;
    int forbidden[FORBIDDEN_MAX];  // descriptors of what is immutable or append-only now
    int forbidden_count;
    uint64_t unexpected;  // failures that mean the model is wrong
    const char *operation;
};

enum outcome { DONE, SKIPPED, REFUSED };

// random.c
uint64_t next_random(struct world *);
uint32_t below(struct world *, uint32_t bound);  // 0 when bound is 0
bool chance(struct world *, uint32_t percent);
void random_name(struct world *, struct entry *directory, char out[256]);
size_t content_bytes(struct world *);

// model.c
struct entry *attach(struct world *, struct entry *parent, const char *name, enum type);
struct entry *graft(struct world *, enum side);
void detach(struct world *, struct entry *);  // forgets the entry and all below it
void move_entry(struct world *, struct entry *, struct entry *parent, const char *name);
void exchange_entries(struct world *, struct entry *, struct entry *);
struct entry *child_named(struct entry *directory, const char *name);
struct entry *pick(struct world *, enum side, enum type);
struct entry *pick_not_root(struct world *, enum side);  // a directory
struct entry *pick_any(struct world *, enum side);       // anything but the root
bool lies_in(struct entry *, struct entry *ancestor);    // also when equal
uint32_t depth_of(struct entry *);
uint32_t size_of(struct world *, enum side);
void load(struct world *, struct entry *directory);  // takes over what is on disk

// place.c: how an entry is reached, whatever the length of its path
struct place {
    int fd;  // the parent directory, to be closed by leave()
    const char *name;
    char path[64 + 256];  // through /proc/self/fd, for calls that take only paths
};
int open_directory(struct world *, struct entry *);
struct place place_in(struct world *, struct entry *directory, const char *name);
struct place place_of(struct world *, struct entry *);
void leave(struct place *);
int open_entry(struct world *, struct entry *, int flags);
enum outcome refused(struct world *);
enum outcome result(struct world *, int value);

// content.c
extern char filler[1 << 20];
void fill_filler(uint64_t seed);
int write_content(struct world *, int fd, size_t bytes);
struct entry *create_file(struct world *, struct entry *directory, const char *name, size_t bytes);
int remove_below(int directory, const char *name);  // rm -r of one name

// link.c
int link_name(int from, const char *name, int to, const char *other);

typedef enum outcome operation(struct world *);

// A row of the table in operations.c.
struct kind {
    const char *name;
    operation *apply;
    uint32_t weight;
    int growth;  // 1 adds objects, -1 removes them, 0 neither
};
extern const struct kind operations[];
extern const size_t operations_count;

// create.c, remove.c, write.c, held.c, move.c, cycle.c, link.c, attribute.c, extended.c, flags.c, save.c
operation make_file, make_directory, make_chain, make_long_chain, make_sparse, make_symlink, make_fifo, make_device,
    make_block_device, make_socket, make_outside, make_temporary_link;
operation remove_file, remove_special, remove_directory, remove_subtree, burst, reuse_name, replace_symlink;
operation append, overwrite, overwrite_quietly, write_middle, truncate_path, truncate_descriptor, allocate, punch_hole,
    zero_range, map_store, write_direct, copy_range, clone_file, send_file, splice_file;
operation hold, write_held, release, hold_unlinked, hold_map, store_map, release_map;
operation rename_file, rename_special, rename_directory, rename_over_file, rename_over_directory, rename_deep,
    exchange_files, exchange_directories, exchange_mixed, whiteout, move_out, move_in, move_in_over;
operation there_and_back, directory_there_and_back, out_changed_back, invert, swap_by_three, replace_directory,
    chain_of_renames;
operation link_file, link_outside, write_outside_link, link_cycle, link_over, rename_onto_itself;
operation change_mode, change_mode_none, change_owner, change_owner_setuid, set_mtime, set_atime, set_times,
    set_odd_times, symlink_times, root_mode, root_times;
operation set_attribute, remove_attribute, set_trusted, set_capability, set_access_acl, set_default_acl, remove_acl;
operation set_nodump_flag, set_forbidding_flag;
void clear_forbidding_flags(struct world *), forget_flags(struct world *);
operation save_by_rename, save_with_backup, save_by_link_backup, save_in_place;

// run.c, small.c, kinds.c, sequences.c
int run(struct world *, uint64_t seed, uint64_t count, double rate, uint64_t progress, bool gated, uint32_t most,
        bool leaves_flags);
void exclude_operation(const char *name);
void exclude_kind(const char *name);
bool is_kind_excluded(int kind);

struct pair {
    int root, outside;  // the two directories of a small tree
};
typedef void small_kind(struct pair);
struct small {
    const char *name;
    small_kind *apply;
};
extern const struct small kinds[];
extern const size_t kinds_count;
void make_small(struct pair);
int sequences(struct pair base, int length, uint64_t sample, uint64_t seed, bool in_burst);
#endif
