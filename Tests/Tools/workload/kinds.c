// Single operations over the small tree. One that meets nothing to act on does nothing.
#include "workload.h"
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

static unsigned turn;  // makes each content differ from the one before

static void writes(int at, const char *path, int flags, off_t offset, size_t bytes) {
    int fd = openat(at, path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0644);
    char text[8192];
    if (fd < 0) return;
    memset(text, '.', sizeof text);
    snprintf(text, sizeof text, "%u written to %s", ++turn, path);
    if (offset < 0) write(fd, text, bytes);
    else pwrite(fd, text, bytes, offset);
    close(fd);
}

// The whole file again: same size, other bytes.
static void rewrites(int at, const char *path, bool quietly) {
    struct stat status;
    if (fstatat(at, path, &status, AT_SYMLINK_NOFOLLOW) || !S_ISREG(status.st_mode)) return;
    writes(at, path, 0, 0, status.st_size < 8192 ? status.st_size : 8192);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, status.st_mtim};
    if (quietly) utimensat(at, path, times, AT_SYMLINK_NOFOLLOW);
}

static void creates(int at, const char *path) { writes(at, path, O_CREAT | O_TRUNC, -1, 40); }
static void renames(int from, const char *old, int to, const char *new, unsigned flags) {
    renameat2(from, old, to, new, flags);
}
static void extended(int at, const char *path, const char *name, const void *value, size_t bytes) {
    char full[512];
    snprintf(full, sizeof full, "/proc/self/fd/%d/%s", at, path);
    if (value) lsetxattr(full, name, value, bytes, 0);
    else lremovexattr(full, name);
}
static void times(int at, const char *path, long access, long modified) {
    struct timespec both[2] = {{access, access < 0 ? UTIME_OMIT : 123456789},
                               {modified, modified < 0 ? UTIME_OMIT : 987654321}};
    utimensat(at, path, both, AT_SYMLINK_NOFOLLOW);
}
static void acl(int at, const char *path, const char *name) {
    struct {
        uint32_t version;
        struct { uint16_t tag, permissions; uint32_t id; } rules[5];
    } value = {2, {{1, 7, -1}, {2, 6, 1234}, {4, 5, -1}, {16, 7, -1}, {32, 1, -1}}};
    extended(at, path, name, &value, sizeof value);
}
static void truncates(int at, const char *path, off_t bytes) {
    char full[512];
    snprintf(full, sizeof full, "/proc/self/fd/%d/%s", at, path);
    truncate(full, bytes);
}
static int opens(int at, const char *path, int flags) {
    return openat(at, path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
}

#define KIND(name, ...) \
    static void name(struct pair p) { int r = p.root, o = p.outside; (void)r; (void)o; __VA_ARGS__ }

KIND(create_below, creates(r, "a/n");)
KIND(create_in_root, creates(r, "n");)
KIND(create_where_x_was, creates(r, "a/x");)
KIND(overwrite_x, rewrites(r, "a/x", false);)
KIND(overwrite_x_quietly, rewrites(r, "a/x", true);)
KIND(append_to_f, writes(r, "f", O_APPEND, -1, 30);)
KIND(append_to_x, writes(r, "a/x", O_APPEND, -1, 5000);)
KIND(truncate_f, truncates(r, "f", 0);)
KIND(lengthen_f, truncates(r, "f", 5000);)
KIND(shorten_x, int fd = opens(r, "a/x", O_WRONLY); ftruncate(fd, 3); close(fd);)
KIND(write_through_y2, rewrites(r, "b/y2", false);)
KIND(write_through_g2, writes(r, "g2", O_APPEND, -1, 20);)
KIND(write_through_outside, rewrites(o, "h", true);)
KIND(punch_f, int fd = opens(r, "f", O_WRONLY); fallocate(fd, 3, 4, 10); close(fd);)
KIND(allocate_f, int fd = opens(r, "f", O_WRONLY); fallocate(fd, 0, 0, 9000); close(fd);)
KIND(sparse_f, writes(r, "f", 0, 1 << 20, 10);)
KIND(map_x, int fd = opens(r, "a/x", O_RDWR); if (fd < 0) return; struct stat status; fstat(fd, &status);
     char *memory = status.st_size ? mmap(NULL, status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
     if (memory != MAP_FAILED) { memory[0] ^= 1 + ++turn % 200; munmap(memory, status.st_size); } close(fd);)
KIND(copy_x_to_f, int from = opens(r, "a/x", O_RDONLY); int to = opens(r, "f", O_WRONLY);
     copy_file_range(from, NULL, to, NULL, 100, 0); close(from); close(to);)
KIND(send_f_to_x, int from = opens(r, "f", O_RDONLY); int to = opens(r, "a/x", O_WRONLY);
     sendfile(to, from, NULL, 100); close(from); close(to);)
KIND(write_after_unlink, int fd = opens(r, "a/x", O_WRONLY); unlinkat(r, "a/x", 0); write(fd, "lost", 4); close(fd);)
KIND(write_after_rename, int fd = opens(r, "f", O_WRONLY); renames(r, "f", r, "b/f3", 0); write(fd, "kept", 4); close(fd);)

KIND(unlink_x, unlinkat(r, "a/x", 0);)
KIND(unlink_f, unlinkat(r, "f", 0);)
KIND(unlink_y, unlinkat(r, "a/y", 0);)
KIND(unlink_y2, unlinkat(r, "b/y2", 0);)
KIND(unlink_g, unlinkat(r, "g", 0);)
KIND(unlink_h, unlinkat(r, "h", 0);)
KIND(unlink_p, unlinkat(r, "a/s/p", 0);)
KIND(link_x_to_b, linkat(r, "a/x", r, "b/x", 0);)
KIND(link_f_to_a, linkat(r, "f", r, "a/f", 0);)
KIND(link_g_deep, linkat(r, "g", r, "a/s/g", 0);)
KIND(link_to_outside, linkat(r, "a/x", o, "x", 0);)
KIND(link_from_outside, linkat(o, "o", r, "a/o", 0);)
KIND(link_cycle_f, linkat(r, "f", r, "b/c", 0); unlinkat(r, "b/c", 0); linkat(r, "f", r, "b/c", 0);)
KIND(link_cycle_to_nothing, linkat(r, "f", r, "b/c", 0); unlinkat(r, "b/c", 0);)
KIND(relink_y_as_x, unlinkat(r, "a/x", 0); linkat(r, "a/y", r, "a/x", 0);)

KIND(make_d, mkdirat(r, "a/d", 0750);)
KIND(make_chain_in_b, mkdirat(r, "b/1", 0755); mkdirat(r, "b/1/2", 0755); mkdirat(r, "b/1/2/3", 0755); creates(r, "b/1/2/3/z");)
KIND(make_d_with_file, mkdirat(r, "d", 0755); creates(r, "d/z");)
KIND(remove_e, unlinkat(r, "b/e", AT_REMOVEDIR);)
KIND(remove_s, remove_below(r, "a/s");)
KIND(remove_a, remove_below(r, "a");)
KIND(remove_b, remove_below(r, "b");)

KIND(rename_x_to_z, renames(r, "a/x", r, "a/z", 0);)
KIND(rename_x_to_b, renames(r, "a/x", r, "b/x", 0);)
KIND(rename_x_over_f, renames(r, "a/x", r, "f", 0);)
KIND(rename_f_over_x, renames(r, "f", r, "a/x", 0);)
KIND(rename_g_over_y, renames(r, "g", r, "a/y", 0);)
KIND(rename_a_to_c, renames(r, "a", r, "c", 0);)
KIND(rename_c_to_a, renames(r, "c", r, "a", 0);)
KIND(rename_s_to_root, renames(r, "a/s", r, "s", 0);)
KIND(rename_s_to_b, renames(r, "a/s", r, "b/s", 0);)
KIND(rename_b_into_a, renames(r, "b", r, "a/b", 0);)
KIND(rename_a_into_b, renames(r, "a", r, "b/a", 0);)
KIND(rename_a_into_e, renames(r, "a", r, "b/e/a", 0);)
KIND(rename_s_over_e, renames(r, "a/s", r, "b/e", 0);)
KIND(exchange_x_f, renames(r, "a/x", r, "f", RENAME_EXCHANGE);)
KIND(exchange_x_y, renames(r, "a/x", r, "a/y", RENAME_EXCHANGE);)
KIND(exchange_a_b, renames(r, "a", r, "b", RENAME_EXCHANGE);)
KIND(exchange_s_e, renames(r, "a/s", r, "b/e", RENAME_EXCHANGE);)
KIND(exchange_a_f, renames(r, "a", r, "f", RENAME_EXCHANGE);)
KIND(exchange_s_h, renames(r, "a/s", r, "h", RENAME_EXCHANGE);)
KIND(exchange_outside, renames(r, "b", o, "od", RENAME_EXCHANGE);)
KIND(rename_y_onto_y2, renames(r, "a/y", r, "b/y2", 0);)
KIND(whiteout_f, renames(r, "f", r, "b/f", RENAME_WHITEOUT);)
KIND(cycle_x, renames(r, "a/x", r, "a/t", 0); renames(r, "a/t", r, "a/x", 0);)
KIND(cycle_a, renames(r, "a", r, "t", 0); renames(r, "t", r, "a", 0);)
KIND(cycle_a_half, renames(r, "a", r, "t", 0); renames(r, "t", r, "a", 0); renames(r, "a", r, "t", 0);)
KIND(swap_x_f_by_three, renames(r, "a/x", r, "t", 0); renames(r, "f", r, "a/x", 0); renames(r, "t", r, "f", 0);)
KIND(swap_a_b_by_three, renames(r, "a", r, "t", 0); renames(r, "b", r, "a", 0); renames(r, "t", r, "b", 0);)
KIND(rotate_three, renames(r, "a/x", r, "t", 0); renames(r, "a/y", r, "a/x", 0); renames(r, "f", r, "a/y", 0); renames(r, "t", r, "f", 0);)
KIND(invert_s_a, renames(r, "a/s", r, "s", 0); renames(r, "a", r, "s/a", 0);)
KIND(replace_a, renames(r, "a", r, "old", 0); mkdirat(r, "a", 0700); creates(r, "a/x");)
KIND(p_up_and_over, renames(r, "a/s/p", r, "p", 0); renames(r, "p", r, "b/p", 0);)
KIND(move_out_x, renames(r, "a/x", o, "x2", 0);)
KIND(move_out_y, renames(r, "a/y", o, "y", 0);)
KIND(move_out_a, renames(r, "a", o, "a", 0);)
KIND(move_in_o, renames(o, "o", r, "o", 0);)
KIND(move_in_o_over_f, renames(o, "o", r, "f", 0);)
KIND(move_in_od, renames(o, "od", r, "od", 0);)
KIND(move_in_od_over_e, renames(o, "od", r, "b/e", 0);)
KIND(move_in_a, renames(o, "a", r, "a", 0);)
KIND(out_changed_back_b, renames(r, "b", o, "b", 0); creates(o, "b/added"); unlinkat(o, "b/y2", 0); renames(o, "b", r, "b", 0);)
KIND(out_changed_back_x, renames(r, "a/x", o, "x3", 0); rewrites(o, "x3", true); renames(o, "x3", r, "a/x", 0);)
KIND(od_in_under_a, renames(r, "a", o, "a2", 0); renames(o, "od", r, "a", 0);)

KIND(temporary_linked, char full[64]; int fd = openat(r, "b", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
     snprintf(full, sizeof full, "/proc/self/fd/%d", fd); write(fd, "from nowhere", 12);
     linkat(AT_FDCWD, full, r, "b/w", AT_SYMLINK_FOLLOW); write(fd, " more", 5); close(fd);)
KIND(symlink_new, symlinkat("nowhere", r, "a/l2");)
KIND(symlink_replaced, symlinkat("b/y2", r, "lnew"); renames(r, "lnew", r, "l", 0);)
KIND(symlink_again, unlinkat(r, "l", 0); symlinkat("other", r, "l");)
KIND(symlink_gone, unlinkat(r, "l", 0);)
KIND(symlink_owned, fchownat(r, "l", 7, 8, AT_SYMLINK_NOFOLLOW); times(r, "l", -1, 1234567890);)
KIND(fifo, mknodat(r, "a/fifo", S_IFIFO | 0620, 0);)
KIND(device, mknodat(r, "a/device", S_IFCHR | 0600, makedev(1, 7));)
KIND(block, mknodat(r, "block", S_IFBLK | 0600, makedev(7, 300));)
KIND(unix_socket, struct sockaddr_un address = {.sun_family = AF_UNIX};
     snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/socket", r);
     int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); bind(fd, (void *)&address, sizeof address); close(fd);)

KIND(mode_f, fchmodat(r, "f", 04711, 0);)
KIND(mode_a, fchmodat(r, "a", 03770, 0);)
KIND(mode_none_y, fchmodat(r, "a/y", 0, 0);)
KIND(mode_root, fchmod(r, 0701);)
KIND(owner_f, fchownat(r, "f", 1000, 1001, 0);)
KIND(owner_setuid, fchmodat(r, "a/x", 06755, 0); fchownat(r, "a/x", 5, 6, 0); fchmodat(r, "a/x", 04755, 0);)
KIND(owner_a, fchownat(r, "a", 3, -1, 0);)
KIND(mtime_x, times(r, "a/x", -1, 1111111111);)
KIND(atime_x, times(r, "a/x", 1222222222, -1);)
KIND(times_a, times(r, "a", 1333333333, 1333333333);)
KIND(times_root, times(r, ".", -1, 1444444444);)
KIND(times_1901, struct timespec t[2] = {{0, UTIME_OMIT}, {-2147483000, 1}}; utimensat(r, "f", t, 0);)
KIND(attribute_f, extended(r, "f", "user.more", "more", 4);)
KIND(attribute_f_gone, extended(r, "f", "user.base", NULL, 0);)
KIND(attribute_y, extended(r, "a/y", "trusted.t", "t", 1);)
KIND(attribute_root, extended(r, ".", "user.root", "root", 4);)
KIND(capability_x, uint32_t value[5] = {0x02000001, 1 << 10}; extended(r, "a/x", "security.capability", value, sizeof value);)
KIND(acl_f, acl(r, "f", "system.posix_acl_access");)
KIND(acl_a, acl(r, "a", "system.posix_acl_default");)
KIND(acl_a_gone, extended(r, "a", "system.posix_acl_default", NULL, 0);)

KIND(save_x, creates(r, "a/.x.swp"); renames(r, "a/.x.swp", r, "a/x", 0);)
KIND(save_f_backup, creates(r, ".f.swp"); renames(r, "f", r, "f~", 0); renames(r, ".f.swp", r, "f", 0);)
KIND(save_x_link_backup, unlinkat(r, "a/x~", 0); linkat(r, "a/x", r, "a/x~", 0); creates(r, "a/.x"); renames(r, "a/.x", r, "a/x", 0);)
KIND(create_and_delete, for (int i = 0; i < 10; i++) { creates(r, "a/brief"); unlinkat(r, "a/brief", 0); })
KIND(create_rename_delete, creates(r, "b/v"); renames(r, "b/v", r, "b/v2", 0); renames(r, "b/v2", r, "b/v", 0); unlinkat(r, "b/v", 0);)
KIND(f_becomes_directory, unlinkat(r, "f", 0); mkdirat(r, "f", 0755); creates(r, "f/inside");)
KIND(b_becomes_file, remove_below(r, "b"); creates(r, "b");)
KIND(x_again, unlinkat(r, "a/x", 0); creates(r, "a/x");)
KIND(g_again, unlinkat(r, "g", 0); creates(r, "g");)
KIND(x_becomes_symlink, unlinkat(r, "a/x", 0); symlinkat("y", r, "a/x");)
KIND(e_becomes_fifo, unlinkat(r, "b/e", AT_REMOVEDIR); mknodat(r, "b/e", S_IFIFO | 0600, 0);)
KIND(odd_names, creates(r, "a/-new\nline\xff"); creates(r, ".treeline~x");)

#define ROW(name) {#name, name}
const struct small kinds[] = {
    ROW(create_below), ROW(create_in_root), ROW(create_where_x_was), ROW(overwrite_x), ROW(overwrite_x_quietly),
    ROW(append_to_f), ROW(append_to_x), ROW(truncate_f), ROW(lengthen_f), ROW(shorten_x), ROW(write_through_y2),
    ROW(write_through_g2), ROW(write_through_outside), ROW(punch_f), ROW(allocate_f), ROW(sparse_f), ROW(map_x),
    ROW(copy_x_to_f), ROW(send_f_to_x), ROW(write_after_unlink), ROW(write_after_rename), ROW(unlink_x), ROW(unlink_f),
    ROW(unlink_y), ROW(unlink_y2), ROW(unlink_g), ROW(unlink_h), ROW(unlink_p), ROW(link_x_to_b), ROW(link_f_to_a),
    ROW(link_g_deep), ROW(link_to_outside), ROW(link_from_outside), ROW(link_cycle_f), ROW(link_cycle_to_nothing),
    ROW(relink_y_as_x), ROW(make_d), ROW(make_chain_in_b), ROW(make_d_with_file), ROW(remove_e), ROW(remove_s),
    ROW(remove_a), ROW(remove_b), ROW(rename_x_to_z), ROW(rename_x_to_b), ROW(rename_x_over_f), ROW(rename_f_over_x),
    ROW(rename_g_over_y), ROW(rename_a_to_c), ROW(rename_c_to_a), ROW(rename_s_to_root), ROW(rename_s_to_b),
    ROW(rename_b_into_a), ROW(rename_a_into_b), ROW(rename_a_into_e), ROW(rename_s_over_e), ROW(exchange_x_f),
    ROW(exchange_x_y), ROW(exchange_a_b), ROW(exchange_s_e), ROW(exchange_a_f), ROW(exchange_s_h),
    ROW(exchange_outside), ROW(rename_y_onto_y2), ROW(whiteout_f), ROW(cycle_x), ROW(cycle_a), ROW(cycle_a_half),
    ROW(swap_x_f_by_three), ROW(swap_a_b_by_three), ROW(rotate_three), ROW(invert_s_a), ROW(replace_a),
    ROW(p_up_and_over), ROW(move_out_x), ROW(move_out_y), ROW(move_out_a), ROW(move_in_o), ROW(move_in_o_over_f),
    ROW(move_in_od), ROW(move_in_od_over_e), ROW(move_in_a), ROW(out_changed_back_b), ROW(out_changed_back_x),
    ROW(od_in_under_a), ROW(temporary_linked), ROW(symlink_new), ROW(symlink_replaced), ROW(symlink_again),
    ROW(symlink_gone), ROW(symlink_owned), ROW(fifo), ROW(device), ROW(block), ROW(unix_socket), ROW(mode_f),
    ROW(mode_a), ROW(mode_none_y), ROW(mode_root), ROW(owner_f), ROW(owner_setuid), ROW(owner_a), ROW(mtime_x),
    ROW(atime_x), ROW(times_a), ROW(times_root), ROW(times_1901), ROW(attribute_f), ROW(attribute_f_gone),
    ROW(attribute_y), ROW(attribute_root), ROW(capability_x), ROW(acl_f), ROW(acl_a), ROW(acl_a_gone), ROW(save_x),
    ROW(save_f_backup), ROW(save_x_link_backup), ROW(create_and_delete), ROW(create_rename_delete),
    ROW(f_becomes_directory), ROW(b_becomes_file), ROW(x_again), ROW(g_again), ROW(x_becomes_symlink),
    ROW(e_becomes_fifo), ROW(odd_names),
};
const size_t kinds_count = sizeof kinds / sizeof *kinds;
