import CLinux
import Glibc
import SystemPackage

/// Changes to the names in directories: each acts on one open directory and one name, so no path
/// is resolved and no link followed.
public enum Names {
  public static func makeDirectory(
    _ name: UnsafePointer<CChar>, in directory: Int32, mode: UInt32
  ) throws(Errno) {
    try retrying { cl_mkdir(directory, name, mode) }
  }

  /// Makes a FIFO, socket, device node or empty file. See mknod(2).
  /// - Parameter device: major above minor, as `FileStatus.specialDevice` has it.
  public static func makeNode(
    _ name: UnsafePointer<CChar>, in directory: Int32, mode: UInt32, device: UInt64
  ) throws(Errno) {
    try retrying {
      cl_mknod(directory, name, mode, UInt32(device >> 32), UInt32(truncatingIfNeeded: device))
    }
  }

  public static func makeSymbolicLink(
    _ name: UnsafePointer<CChar>, in directory: Int32, to target: UnsafePointer<CChar>
  ) throws(Errno) {
    try retrying { cl_symlink(target, directory, name) }
  }

  /// The target of a symbolic link; with an empty name, of the link that is open. See readlink(2).
  public static func target(
    of name: UnsafePointer<CChar>, in directory: Int32
  ) throws(Errno) -> [UInt8] {
    var failure: Errno? = nil
    // A target is shorter than PATH_MAX on every filesystem.
    let target = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      do throws(Errno) {
        count = try retrying { cl_readlink(directory, name, buffer.baseAddress!, buffer.count) }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return target
  }

  /// Gives an object a further name; a symbolic link is linked itself. See link(2).
  public static func link(
    _ name: UnsafePointer<CChar>, in directory: Int32,
    to newName: UnsafePointer<CChar>, in newDirectory: Int32
  ) throws(Errno) {
    try retrying { cl_link(directory, name, newDirectory, newName, 0) }
  }

  /// Gives an open object a name. See link(2), AT_EMPTY_PATH.
  public static func link(
    open descriptor: Int32, to newName: UnsafePointer<CChar>, in newDirectory: Int32
  ) throws(Errno) {
    try retrying { cl_link(descriptor, "", newDirectory, newName, CL_AT_EMPTY_PATH) }
  }

  /// Renames; what holds the new name is replaced, unless `replacing` is false (then `EEXIST`).
  public static func rename(
    _ name: UnsafePointer<CChar>, in directory: Int32,
    to newName: UnsafePointer<CChar>, in newDirectory: Int32, replacing: Bool
  ) throws(Errno) {
    try retrying {
      cl_rename(directory, name, newDirectory, newName, replacing ? 0 : UInt32(CL_RENAME_NOREPLACE))
    }
  }

  public static func removeFile(
    _ name: UnsafePointer<CChar>, in directory: Int32
  ) throws(Errno) {
    try retrying { cl_unlink(directory, name, 0) }
  }

  public static func removeDirectory(
    _ name: UnsafePointer<CChar>, in directory: Int32
  ) throws(Errno) {
    try retrying { cl_unlink(directory, name, CL_AT_REMOVEDIR) }
  }
}
