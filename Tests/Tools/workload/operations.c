// All operations of a random run, with how often each comes.
#include "workload.h"

#define ROW(apply, weight, growth) {#apply, apply, weight, growth}
const struct kind operations[] = {
    ROW(make_file, 40, 1), ROW(make_directory, 15, 1), ROW(make_chain, 8, 1), ROW(make_long_chain, 1, 1),
    ROW(make_sparse, 4, 1), ROW(make_symlink, 10, 1), ROW(make_fifo, 3, 1), ROW(make_device, 3, 1),
    ROW(make_block_device, 2, 1), ROW(make_socket, 3, 1), ROW(make_outside, 10, 0), ROW(make_temporary_link, 6, 1),

    ROW(remove_file, 25, -1), ROW(remove_special, 8, -1), ROW(remove_directory, 10, -1), ROW(remove_subtree, 5, -1),
    ROW(burst, 4, 0), ROW(reuse_name, 12, 0), ROW(replace_symlink, 3, 0),

    ROW(append, 20, 0), ROW(overwrite, 15, 0), ROW(overwrite_quietly, 10, 0), ROW(write_middle, 10, 0),
    ROW(truncate_path, 10, 0), ROW(truncate_descriptor, 6, 0), ROW(allocate, 5, 0), ROW(punch_hole, 6, 0),
    ROW(zero_range, 3, 0), ROW(map_store, 10, 0), ROW(write_direct, 6, 0), ROW(copy_range, 6, 0),
    ROW(clone_file, 5, 0), ROW(send_file, 5, 0), ROW(splice_file, 4, 0),

    ROW(hold, 8, 0), ROW(write_held, 12, 0), ROW(release, 6, 0), ROW(hold_unlinked, 3, -1), ROW(hold_map, 3, 0),
    ROW(store_map, 8, 0), ROW(release_map, 3, 0),

    ROW(rename_file, 25, 0), ROW(rename_special, 6, 0), ROW(rename_directory, 15, 0), ROW(rename_over_file, 12, -1),
    ROW(rename_over_directory, 5, 0), ROW(rename_deep, 6, 0), ROW(exchange_files, 8, 0),
    ROW(exchange_directories, 6, 0), ROW(exchange_mixed, 6, 0), ROW(whiteout, 4, 0), ROW(move_out, 8, -1),
    ROW(move_in, 14, 1), ROW(move_in_over, 4, 0), ROW(there_and_back, 8, 0), ROW(directory_there_and_back, 6, 0),
    ROW(out_changed_back, 6, 0), ROW(invert, 5, 0), ROW(swap_by_three, 6, 0), ROW(replace_directory, 3, -1),
    ROW(chain_of_renames, 4, 0),

    ROW(link_file, 12, 1), ROW(link_outside, 8, 0), ROW(write_outside_link, 8, 0), ROW(link_cycle, 8, 0),
    ROW(link_over, 5, 0), ROW(rename_onto_itself, 4, 1),

    ROW(change_mode, 12, 0), ROW(change_mode_none, 4, 0), ROW(change_owner, 10, 0), ROW(change_owner_setuid, 4, 0),
    ROW(set_mtime, 10, 0), ROW(set_atime, 4, 0), ROW(set_times, 6, 0), ROW(set_odd_times, 5, 0),
    ROW(symlink_times, 4, 0), ROW(root_mode, 2, 0), ROW(root_times, 2, 0), ROW(set_attribute, 12, 0),
    ROW(remove_attribute, 6, 0), ROW(set_trusted, 5, 0), ROW(set_capability, 4, 0), ROW(set_access_acl, 6, 0),
    ROW(set_default_acl, 5, 0), ROW(remove_acl, 3, 0),
    ROW(set_nodump_flag, 8, 0), ROW(set_forbidding_flag, 6, 0),

    ROW(save_by_rename, 15, 0), ROW(save_with_backup, 8, 0), ROW(save_by_link_backup, 6, 0), ROW(save_in_place, 8, 0),
};
const size_t operations_count = sizeof operations / sizeof *operations;
