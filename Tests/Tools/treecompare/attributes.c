// What stat tells, except atime, ctime, birth time, and sizes of directories.
#include "treecompare.h"
#include <sys/sysmacros.h>

static void compare_number(const char *what, unsigned long long a, unsigned long long b) {
    if (a != b) difference("%s: %llu, %llu", what, a, b);
}

void compare_attributes(const struct stat status[2]) {
    const struct stat *a = &status[0], *b = &status[1];
    if ((a->st_mode & 07777) != (b->st_mode & 07777))
        difference("mode: %04o, %04o", a->st_mode & 07777, b->st_mode & 07777);
    compare_number("uid", a->st_uid, b->st_uid);
    compare_number("gid", a->st_gid, b->st_gid);
    if (!S_ISDIR(a->st_mode)) compare_number("size", a->st_size, b->st_size);
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec)
        difference("mtime: %lld.%09ld, %lld.%09ld", (long long)a->st_mtim.tv_sec, a->st_mtim.tv_nsec,
                   (long long)b->st_mtim.tv_sec, b->st_mtim.tv_nsec);
    if ((S_ISCHR(a->st_mode) || S_ISBLK(a->st_mode)) && a->st_rdev != b->st_rdev)
        difference("device: %u:%u, %u:%u", major(a->st_rdev), minor(a->st_rdev), major(b->st_rdev), minor(b->st_rdev));
}
