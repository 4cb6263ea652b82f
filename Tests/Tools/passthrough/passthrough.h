// A FUSE server that shows a directory as it is, at another place.
//
// It speaks the kernel's protocol itself (linux/fuse.h), one request after the other. A node is an object
// that is open with O_PATH, so it is the same one whatever its names are; of one object there is one node. Where
// more nodes are known than can be open, some are closed and opened again by handle.
#ifndef PASSTHROUGH_H
#define PASSTHROUGH_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_MAX = 128 << 10, REQUEST_MAX = WRITE_MAX + 8192 };

struct node {
    int fd;                // O_PATH; -1 while it is closed
    uint64_t used;         // the last request that asked for it
    struct handle *handle;  // of one that was closed
    dev_t device;
    ino_t inode;
    uint64_t generation;  // its number may be that of one before
    uint64_t lookups;     // how often the kernel was told of it
    struct node *next;    // in its row of the table
};

// What the command line asks for.
struct ways {
    bool birth_times;     // answers FUSE_STATX
    bool loses_removed;   // knows nothing of what has no name, as servers that go by paths
    bool fold_case;       // in directories named folding
};
extern struct ways ways;

// A request, and where it is answered. Every answer is given once: its bytes, or minus an error.
struct request {
    int channel;
    struct fuse_in_header *head;
    void *body;
};
void answer(struct request *, const void *bytes, size_t count);
void answer_result(struct request *, int result);  // nothing but an error, or none; -1 stands for errno

// nodes.c
extern struct node root;
struct node *node_of(uint64_t id);
uint64_t id_of(struct node *);
struct node *find_node(int directory, const char *name);  // told once more; NULL with errno
struct node *keep_node(int fd);                           // takes the descriptor over
void forget_node(uint64_t id, uint64_t lookups);
int descriptor_of(struct node *);                         // O_PATH; -1 with errno where it cannot be had
void begin_request(void);                                 // what was asked for before may be closed
const char *path_of(struct node *, char buffer[32]);      // through /proc/self/fd

// attributes.c
int read_attributes(struct node *, struct fuse_attr *);
void fill_entry(struct node *, struct fuse_entry_out *);
void get_attributes(struct request *);
void set_attributes(struct request *);
void get_statx(struct request *);
void set_extended(struct request *), get_extended(struct request *), list_extended(struct request *),
    remove_extended(struct request *);

// names.c
void look_up(struct request *), read_link(struct request *), make_link(struct request *), make_node(struct request *),
    make_directory(struct request *), remove_name(struct request *), move_name(struct request *),
    make_name(struct request *);
void answer_entry(struct request *, struct node *);
// The entry of a directory that a name means: one in other letters, where case is folded.
const char *meant(int directory, const char *name, char found[NAME_MAX + 1]);

// files.c
void open_object(struct request *), create_file(struct request *), read_file(struct request *),
    write_file(struct request *), read_directory(struct request *), close_object(struct request *),
    sync_object(struct request *), allocate(struct request *), seek(struct request *),
    statistics(struct request *);
#endif
