// Names in directories.
#include "passthrough.h"
#include <sys/sysmacros.h>

static int directory_of(struct request *r) { return descriptor_of(node_of(r->head->nodeid)); }

void answer_entry(struct request *r, struct node *node) {
    if (!node) return answer_result(r, -1);
    struct fuse_entry_out out;
    fill_entry(node, &out);
    answer(r, &out, sizeof out);
}

void look_up(struct request *r) { answer_entry(r, find_node(directory_of(r), r->body)); }

void read_link(struct request *r) {
    char target[4096];
    ssize_t count = readlinkat(directory_of(r), "", target, sizeof target);
    if (count < 0) return answer_result(r, -1);
    answer(r, target, count);
}

void make_link(struct request *r) {
    const char *name = r->body, *target = name + strlen(name) + 1;
    if (symlinkat(target, directory_of(r), name)) return answer_result(r, -1);
    answer_entry(r, find_node(directory_of(r), name));
}

void make_node(struct request *r) {
    struct fuse_mknod_in *in = r->body;
    const char *name = (char *)(in + 1);
    dev_t device = makedev((in->rdev >> 8) & 0xfff, (in->rdev & 0xff) | ((in->rdev >> 12) & 0xfff00));
    umask(in->umask);
    if (mknodat(directory_of(r), name, in->mode, device)) return answer_result(r, -1);
    answer_entry(r, find_node(directory_of(r), name));
}

void make_directory(struct request *r) {
    struct fuse_mkdir_in *in = r->body;
    const char *name = (char *)(in + 1);
    umask(in->umask);
    if (mkdirat(directory_of(r), name, in->mode)) return answer_result(r, -1);
    answer_entry(r, find_node(directory_of(r), name));
}

void remove_name(struct request *r) {
    answer_result(r, unlinkat(directory_of(r), r->body, r->head->opcode == FUSE_RMDIR ? AT_REMOVEDIR : 0));
}

void move_name(struct request *r) {
    bool is_old = r->head->opcode == FUSE_RENAME;
    struct fuse_rename2_in *in = r->body;  // begins as the older one
    const char *from = (char *)r->body + (is_old ? sizeof(struct fuse_rename_in) : sizeof *in);
    const char *to = from + strlen(from) + 1;
    answer_result(r, renameat2(directory_of(r), from, descriptor_of(node_of(in->newdir)), to, is_old ? 0 : in->flags));
}

void make_name(struct request *r) {
    struct fuse_link_in *in = r->body;
    const char *name = (char *)(in + 1);
    if (linkat(descriptor_of(node_of(in->oldnodeid)), "", directory_of(r), name, AT_EMPTY_PATH)) return answer_result(r, -1);
    answer_entry(r, find_node(directory_of(r), name));
}
