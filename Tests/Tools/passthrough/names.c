// Names in directories.
#include "passthrough.h"
#include <dirent.h>
#include <sys/sysmacros.h>

static int directory_of(struct request *r) { return descriptor_of(node_of(r->head->nodeid)); }

void answer_entry(struct request *r, struct node *node) {
    if (!node) return answer_result(r, -1);
    struct fuse_entry_out out;
    fill_entry(node, &out);
    answer(r, &out, sizeof out);
}

// Whether a directory is one in which case is folded, or lies beneath one.
static bool folds(int directory) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    ssize_t count = readlink(link, path, sizeof path - 1);
    path[count < 0 ? 0 : count] = 0;
    return strstr(path, "/folding");
}

const char *meant(int directory, const char *name, char found[NAME_MAX + 1]) {
    if (!ways.fold_case || !folds(directory)) return name;
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) return name;
    found[0] = 0;
    for (struct dirent *entry; (entry = readdir(entries));)
        if (!strcasecmp(entry->d_name, name)) strcpy(found, entry->d_name);
    closedir(entries);
    return found[0] ? found : name;
}

void look_up(struct request *r) {
    char found[NAME_MAX + 1];
    answer_entry(r, find_node(directory_of(r), meant(directory_of(r), r->body, found)));
}

void read_link(struct request *r) {
    char target[4096];
    ssize_t count = readlinkat(directory_of(r), "", target, sizeof target);
    if (count < 0) return answer_result(r, -1);
    answer(r, target, count);
}

void make_link(struct request *r) {
    const char *name = r->body, *target = name + strlen(name) + 1;
    char found[NAME_MAX + 1];
    name = meant(directory_of(r), name, found);
    if (symlinkat(target, directory_of(r), name)) return answer_result(r, -1);
    answer_entry(r, find_node(directory_of(r), name));
}

void make_node(struct request *r) {
    struct fuse_mknod_in *in = r->body;
    const char *name = (char *)(in + 1);
    dev_t device = makedev((in->rdev >> 8) & 0xfff, (in->rdev & 0xff) | ((in->rdev >> 12) & 0xfff00));
    char found[NAME_MAX + 1];
    name = meant(directory_of(r), name, found);
    umask(in->umask);
    if (mknodat(directory_of(r), name, in->mode, device)) return answer_result(r, -1);
    answer_entry(r, find_node(directory_of(r), name));
}

void make_directory(struct request *r) {
    struct fuse_mkdir_in *in = r->body;
    const char *name = (char *)(in + 1);
    char found[NAME_MAX + 1];
    name = meant(directory_of(r), name, found);
    umask(in->umask);
    if (mkdirat(directory_of(r), name, in->mode)) return answer_result(r, -1);
    answer_entry(r, find_node(directory_of(r), name));
}

void remove_name(struct request *r) {
    char found[NAME_MAX + 1];
    const char *name = meant(directory_of(r), r->body, found);
    answer_result(r, unlinkat(directory_of(r), name, r->head->opcode == FUSE_RMDIR ? AT_REMOVEDIR : 0));
}

void move_name(struct request *r) {
    bool is_old = r->head->opcode == FUSE_RENAME;
    struct fuse_rename2_in *in = r->body;  // begins as the older one
    const char *from = (char *)r->body + (is_old ? sizeof(struct fuse_rename_in) : sizeof *in);
    const char *to = from + strlen(from) + 1;
    int source = directory_of(r), target = descriptor_of(node_of(in->newdir));
    char first[NAME_MAX + 1], second[NAME_MAX + 1];
    from = meant(source, from, first);
    to = meant(target, to, second);
    answer_result(r, renameat2(source, from, target, to, is_old ? 0 : in->flags));
}

void make_name(struct request *r) {
    struct fuse_link_in *in = r->body;
    const char *name = (char *)(in + 1);
    char found[NAME_MAX + 1];
    name = meant(directory_of(r), name, found);
    if (linkat(descriptor_of(node_of(in->oldnodeid)), "", directory_of(r), name, AT_EMPTY_PATH)) return answer_result(r, -1);
    answer_entry(r, find_node(directory_of(r), name));
}
