// The objects that the kernel knows.
#include "passthrough.h"
#include <sys/resource.h>

struct handle {
    struct file_handle head;
    unsigned char bytes[MAX_HANDLE_SZ];
};

enum { ROWS = 1 << 16 };
struct node root = {.fd = -1, .generation = 1, .lookups = 1};
static struct node *table[ROWS];
static uint64_t generations = 1;

struct node *node_of(uint64_t id) { return id == FUSE_ROOT_ID ? &root : (struct node *)(uintptr_t)id; }

uint64_t id_of(struct node *node) { return node == &root ? FUSE_ROOT_ID : (uint64_t)(uintptr_t)node; }

static struct node **row_of(dev_t device, ino_t inode) { return &table[(inode * 31 + device) % ROWS]; }

static uint64_t request;  // how many there were
static size_t open_count, open_max;

void begin_request(void) { request++; }

static struct handle *handle_of(int fd) {
    struct handle *handle = malloc(sizeof *handle);
    if (!handle) abort();
    handle->head.handle_bytes = sizeof handle->bytes;
    int mount;
    if (!name_to_handle_at(fd, "", &handle->head, &mount, AT_EMPTY_PATH)) return handle;
    free(handle);
    return NULL;
}

static void close_node(struct node *node) {
    if (!node->handle && !(node->handle = handle_of(node->fd))) return;
    close(node->fd);
    node->fd = -1;
    open_count--;
}

// Closes some that this request did not ask for, where too many are open.
static void opened(void) {
    static unsigned hand;
    struct rlimit most;
    // The rest is for open files and directories.
    if (!open_max && !getrlimit(RLIMIT_NOFILE, &most)) open_max = most.rlim_cur / 4 * 3;
    if (++open_count < open_max) return;
    for (unsigned rows = 0; rows < ROWS && open_count > open_max / 4 * 3; rows++, hand = (hand + 1) % ROWS)
        for (struct node *node = table[hand]; node; node = node->next)
            if (node->fd >= 0 && node->used != request) close_node(node);
}

int descriptor_of(struct node *node) {
    node->used = request;
    if (node->fd >= 0 || node == &root) return node->fd;
    int mount = openat(root.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    node->fd = open_by_handle_at(mount, &node->handle->head, O_PATH | O_CLOEXEC);
    int saved = errno;
    close(mount);
    errno = saved;
    if (node->fd >= 0) opened();
    return node->fd;
}

// Whether an open object is that of a node, which takes the descriptor over then. What is open keeps its
// inode number to itself; the number of what was closed may be another's now.
static bool is_in(struct node *node, int fd) {
    if (node->fd >= 0) {
        close(fd);
    } else {
        struct handle *handle = handle_of(fd);
        bool is_same = handle && handle->head.handle_bytes == node->handle->head.handle_bytes &&
                       !memcmp(handle->bytes, node->handle->bytes, handle->head.handle_bytes);
        free(handle);
        if (!is_same) return false;
        node->fd = fd;
        opened();
    }
    node->used = request;
    return true;
}

struct node *keep_node(int fd) {
    struct stat status;
    if (fd < 0 || fstatat(fd, "", &status, AT_EMPTY_PATH)) {
        int saved = errno;
        if (fd >= 0) close(fd);
        errno = saved;
        return NULL;
    }
    struct node **row = row_of(status.st_dev, status.st_ino);
    for (struct node *node = *row; node; node = node->next)
        if (node->device == status.st_dev && node->inode == status.st_ino && is_in(node, fd)) {
            node->lookups++;
            return node;
        }
    struct node *node = malloc(sizeof *node);
    if (!node) abort();
    *node = (struct node){
        .fd = fd, .used = request, .device = status.st_dev, .inode = status.st_ino, .generation = ++generations,
        .lookups = 1, .next = *row};
    *row = node;
    opened();
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
    if (node->fd >= 0) {
        close(node->fd);
        open_count--;
    }
    free(node->handle);
    free(node);
}

const char *path_of(struct node *node, char buffer[32]) {
    snprintf(buffer, 32, "/proc/self/fd/%d", descriptor_of(node));
    return buffer;
}
