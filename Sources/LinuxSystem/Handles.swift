import CLinux
import Glibc
import SystemPackage

extension ObjectKey {
  @inlinable
  init(_ handle: borrowing cl_handle) {
    let type = handle.type
    let count = Int(handle.bytes)
    self = withUnsafeBytes(of: handle.value) {
      ObjectKey(type: type, bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
    }
  }

  /// The key of the object called `name` in a directory; of a symbolic link, the link's own.
  ///
  /// - Throws: `ENOENT` when the name is not there; `EOPNOTSUPP` when the filesystem has no handles.
  ///   See name_to_handle_at(2).
  @inlinable
  public static func of(
    _ name: UnsafePointer<CChar>, in directory: Int32
  ) throws(Errno) -> ObjectKey {
    var handle = cl_handle()
    var mount: Int32 = 0
    try retrying { cl_handle_of(directory, name, 0, &handle, &mount) }
    return ObjectKey(handle)
  }

  /// The key of an open object.
  ///
  /// - Throws: `EOPNOTSUPP` when the filesystem has no handles. See name_to_handle_at(2).
  @inlinable
  public static func of(_ descriptor: Int32) throws(Errno) -> ObjectKey {
    var handle = cl_handle()
    var mount: Int32 = 0
    try retrying { cl_handle_of(descriptor, "", CL_AT_EMPTY_PATH, &handle, &mount) }
    return ObjectKey(handle)
  }

  /// The handle that events have of an open object, which is also given where none can be opened (Linux
  /// 6.6). The corresponding C constant is AT_HANDLE_FID.
  public static func reported(_ descriptor: Int32) throws(Errno) -> ObjectKey {
    var handle = cl_handle()
    var mount: Int32 = 0
    do throws(Errno) {
      try retrying {
        cl_handle_of(descriptor, "", CL_AT_EMPTY_PATH | CL_AT_HANDLE_FID, &handle, &mount)
      }
    } catch .invalidArgument {
      return try of(descriptor)  // Linux before 6.5
    }
    return ObjectKey(handle)
  }

  /// Opens the object with this key on the filesystem of `mount`.
  ///
  /// What was opened is asked for its key again: handles with generation 0 (ext4 images made by
  /// `mke2fs -d`) open whatever file has the inode number now.
  /// - Parameter mount: a directory opened for reading; O_PATH is not enough.
  /// - Throws: `ESTALE` when the object is gone. `ENOMEM` may mean that its inode number is just
  ///   being reused, so it is tried again a few times. See open_by_handle_at(2).
  public func open(mount: Int32, flags: Int32) throws(Errno) -> Descriptor {
    var handle = cl_handle()
    handle.type = type
    handle.bytes = UInt32(byteCount)
    withBytes { bytes in
      withUnsafeMutableBytes(of: &handle.value) { $0.copyMemory(from: bytes) }
    }
    var tries = 0
    while true {
      do throws(Errno) {
        let opened = Descriptor(
          owning: try retrying { cl_open_handle(mount, &handle, flags) })
        if try ObjectKey.of(opened.raw) != self { throw Errno.staleNFSFileHandle }
        return opened
      } catch {
        tries += 1
        guard error == .noMemory, tries < 100 else { throw error }
        sched_yield()
      }
    }
  }
}
