// The flags of chattr(1) that statx tells, as far as both filesystems tell of them.
#include "treecompare.h"

enum { COMPARED = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND | STATX_ATTR_NODUMP };

void compare_flags(const struct spot *spot) {
    struct statx status[2];
    for (int side = 0; side < 2; side++)
        if (statx(spot->directory[side], spot->name[side], AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status[side]))
            return trouble("statx", side);
    // Others take nodump from the directory that they are made in, and nobody can change that.
    if (!S_ISREG(status[0].stx_mode) && !S_ISDIR(status[0].stx_mode)) return;
    unsigned told = status[0].stx_attributes_mask & status[1].stx_attributes_mask & COMPARED;
    unsigned a = status[0].stx_attributes & told, b = status[1].stx_attributes & told;
    if (a != b) difference("flags: %#x, %#x", a, b);
}
