// The objects that the kernel knows.
#include "passthrough.h"

enum { ROWS = 4096 };
struct node root = {.fd = -1, .generation = 1, .lookups = 1};
static struct node *rows[ROWS];
static uint64_t generations = 1;

struct node *node_of(uint64_t id) { return id == FUSE_ROOT_ID ? &root : (struct node *)(uintptr_t)id; }

uint64_t id_of(struct node *node) { return node == &root ? FUSE_ROOT_ID : (uint64_t)(uintptr_t)node; }

static struct node **row_of(dev_t device, ino_t inode) { return &rows[(inode * 31 + device) % ROWS]; }

struct node *keep_node(int fd) {
    struct stat status;
    if (fd < 0 || fstatat(fd, "", &status, AT_EMPTY_PATH)) {
        int saved = errno;
        if (fd >= 0) close(fd);
        errno = saved;
        return NULL;
    }
    struct node **row = row_of(status.st_dev, status.st_ino);
    // What is open keeps its inode number to itself.
    for (struct node *node = *row; node; node = node->next)
        if (node->device == status.st_dev && node->inode == status.st_ino) {
            close(fd);
            node->lookups++;
            return node;
        }
    struct node *node = malloc(sizeof *node);
    if (!node) abort();
    *node = (struct node){fd, status.st_dev, status.st_ino, ++generations, 1, *row};
    *row = node;
    return node;
}

struct node *find_node(int directory, const char *name) {
    return keep_node(openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

void forget_node(uint64_t id, uint64_t lookups) {
    struct node *node = node_of(id);
    if (node == &root || (node->lookups -= lookups)) return;
    struct node **at = row_of(node->device, node->inode);
    while (*at != node) at = &(*at)->next;
    *at = node->next;
    close(node->fd);
    free(node);
}

const char *path_of(struct node *node, char buffer[32]) {
    snprintf(buffer, 32, "/proc/self/fd/%d", node->fd);
    return buffer;
}
