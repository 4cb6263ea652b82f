// The small tree on which single operations and sequences of them are tried.
//
//   a/        x, y (hard link: b/y2), s/ with p and q
//   b/        y2, e/ (empty)
//   f         with the attribute user.base
//   g, g2     two links of one file
//   h         hard link: outside/h
//   l         symlink to a/x
//   outside:  o, od/ with m, h
#include "workload.h"
#include <sys/xattr.h>

static void put(int directory, const char *path, const char *content) {
    int fd = openat(directory, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, content, strlen(content)) < 0) perror(path);
    close(fd);
}

void make_small(struct pair p) {
    static const char *const directories[] = {"a", "a/s", "b", "b/e"};
    for (int i = 0; i < 4; i++) mkdirat(p.root, directories[i], 0755);
    put(p.root, "a/x", "the content of x");
    put(p.root, "a/y", "the content of y");
    put(p.root, "a/s/p", "the content of p");
    put(p.root, "a/s/q", "the content of q");
    put(p.root, "f", "the content of f, which is longer");
    put(p.root, "g", "the content of g");
    put(p.root, "h", "the content of h");
    linkat(p.root, "a/y", p.root, "b/y2", 0);
    linkat(p.root, "g", p.root, "g2", 0);
    linkat(p.root, "h", p.outside, "h", 0);
    symlinkat("a/x", p.root, "l");
    int fd = openat(p.root, "f", O_WRONLY | O_CLOEXEC);
    fsetxattr(fd, "user.base", "base", 4, 0);
    close(fd);
    put(p.outside, "o", "the content of o");
    mkdirat(p.outside, "od", 0755);
    put(p.outside, "od/m", "the content of m");
}
