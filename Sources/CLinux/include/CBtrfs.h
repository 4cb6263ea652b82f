// Mounts of btrfs: linux/btrfs.h has names that Swift sees badly, and fsconfig(2) is variadic.
#pragma once

#include <linux/btrfs.h>

// The path of one of the devices of a btrfs filesystem; 1,024 bytes with the zero at its end.
static inline int cl_btrfs_device(int directory, char *path) {
  struct btrfs_ioctl_fs_info_args filesystem;
  struct btrfs_ioctl_dev_info_args device;
  memset(&filesystem, 0, sizeof filesystem);
  if (ioctl(directory, BTRFS_IOC_FS_INFO, &filesystem) < 0) return -errno;
  for (uint64_t id = 1; id <= filesystem.max_id; id++) {
    memset(&device, 0, sizeof device);
    device.devid = id;
    // Numbers of devices that were taken out are not used again.
    if (ioctl(directory, BTRFS_IOC_DEV_INFO, &device) < 0) {
      if (errno == ENODEV) continue;
      return -errno;
    }
    // A device that is missing has no path.
    if (device.path[0] == 0) continue;
    memcpy(path, device.path, 1023);
    path[1023] = 0;
    return 0;
  }
  return -ENODEV;
}

// A detached, read-only mount of the top-level subvolume of the filesystem on a device.
//
// "ro" matters: without it a filesystem that is mounted read-only would be made writable.
static inline int cl_mount_btrfs_top(const char *device) {
  int mount = -1;
  int context = fsopen("btrfs", FSOPEN_CLOEXEC);
  if (context < 0) return -errno;
  if (fsconfig(context, FSCONFIG_SET_STRING, "source", device, 0) == 0 &&
      fsconfig(context, FSCONFIG_SET_STRING, "subvolid", "5", 0) == 0 &&
      fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) == 0 &&
      fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
    mount = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
  int result = mount < 0 ? -errno : mount;
  close(context);
  return result;
}
