import CLinux
import Glibc
import SystemPackage

/// Moves bytes in and out of open files.
public enum FileBytes {
  /// Reads up to `buffer.count` bytes; 0 at the end of the file.
  public static func read(
    _ descriptor: Int32, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    try retrying { cl_pread(descriptor, buffer.baseAddress!, buffer.count, offset) }
  }

  /// Writes all bytes, however many calls it takes.
  public static func write(
    _ descriptor: Int32, at offset: Int64, _ bytes: UnsafeRawBufferPointer
  ) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let start = bytes.baseAddress! + done
      done += try retrying {
        cl_pwrite(descriptor, start, bytes.count - done, offset + Int64(done))
      }
    }
  }

  /// Writes all bytes of an array.
  public static func write(
    _ descriptor: Int32, at offset: Int64, _ bytes: [UInt8]
  ) throws(Errno) {
    var failure: Errno? = nil
    bytes.withUnsafeBytes { buffer in
      do throws(Errno) { try write(descriptor, at: offset, buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Reads a whole small file, refusing one of more than `limit` bytes with `EFBIG`.
  public static func readAll(_ descriptor: Int32, limit: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let at = Int64(bytes.count)
      var count = 0
      var failure: Errno? = nil
      chunk.withUnsafeMutableBytes { buffer in
        do throws(Errno) { count = try read(descriptor, at: at, into: buffer) } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk.prefix(count))
      if bytes.count > limit { throw Errno.fileTooLarge }
    }
  }

  /// Sets the size. See ftruncate(2).
  public static func setSize(_ descriptor: Int32, bytes: Int64) throws(Errno) {
    try retrying { cl_truncate(descriptor, bytes) }
  }

  /// Copies within the kernel; fewer bytes than asked at the end of the file.
  /// See copy_file_range(2).
  public static func copyRange(
    from: Int32, at offset: Int64, to: Int32, at target: Int64, bytes: Int
  ) throws(Errno) -> Int {
    try retrying { cl_copy_range(from, offset, to, target, bytes) }
  }

  /// Makes `to` share all blocks of `from`. See ioctl_ficlone(2).
  public static func clone(from: Int32, to: Int32) throws(Errno) {
    try retrying { cl_clone_file(from, to) }
  }

  /// Makes a range a hole; the size stays. See fallocate(2), FALLOC_FL_PUNCH_HOLE.
  public static func punchHole(_ descriptor: Int32, at offset: Int64, bytes: Int64) throws(Errno) {
    try retrying { cl_punch_hole(descriptor, offset, bytes) }
  }

  /// The start of the next data at or after `offset`, or nil when only a hole follows.
  public static func nextData(_ descriptor: Int32, from offset: Int64) throws(Errno) -> Int64? {
    do {
      return try retrying { cl_seek(descriptor, offset, CL_SEEK_DATA) }
    } catch .noSuchAddressOrDevice {
      return nil
    }
  }

  /// The start of the next hole at or after `offset`; the end of the file counts as one.
  public static func nextHole(_ descriptor: Int32, from offset: Int64) throws(Errno) -> Int64 {
    try retrying { cl_seek(descriptor, offset, CL_SEEK_HOLE) }
  }

  /// Says that a file will be read from start to end: twice as much is read ahead. See posix_fadvise(2); it
  /// promises nothing, so there is nothing to fail.
  public static func willReadInOrder(_ descriptor: Int32) {
    _ = cl_will_read_in_order(descriptor)
  }

  /// Has the kernel begin to read what will be read soon. See readahead(2); where it fails, so does the reading.
  public static func readAhead(_ descriptor: Int32, at offset: Int64, bytes: Int) {
    _ = cl_read_ahead(descriptor, offset, bytes)
  }

  /// Makes content, attributes and all needed to find it durable. See fsync(2).
  public static func sync(_ descriptor: Int32) throws(Errno) {
    try retrying { cl_fsync(descriptor) }
  }

  /// Makes content durable. See fdatasync(2).
  public static func syncContent(_ descriptor: Int32) throws(Errno) {
    try retrying { cl_fdatasync(descriptor) }
  }

  /// Starts to write the content, and waits for nothing: several files that are synced after this
  /// share one transaction of their filesystem. See sync_file_range(2); it promises nothing, so there
  /// is nothing to fail.
  public static func startWriting(_ descriptor: Int32) {
    _ = cl_start_writing(descriptor)
  }

  /// Writes the content that is in memory alone, and waits for that: the next store into a mapping then moves
  /// the ctime. It makes nothing durable, and so costs next to nothing where there is nothing to write. See
  /// sync_file_range(2).
  public static func writeContent(_ descriptor: Int32) throws(Errno) {
    try retrying { cl_write_content(descriptor) }
  }

  /// Lets go of what is kept of a file in memory, so that the next read is one of the disk. What is not written
  /// yet stays. See posix_fadvise(2); it promises nothing.
  public static func dropCached(_ descriptor: Int32) {
    _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }

  /// Makes a whole filesystem durable. See syncfs(2).
  public static func syncFilesystem(_ descriptor: Int32) throws(Errno) {
    try retrying { cl_syncfs(descriptor) }
  }

  /// Gives a lock back now: a child that is between fork and exec still has the open file.
  public static func unlock(_ descriptor: Int32) throws(Errno) {
    try retrying { cl_unlock(descriptor) }
  }

  /// Takes an exclusive lock that goes with the open file, also at a kill.
  ///
  /// - Returns: false when another process holds it. See fcntl(2), open file description locks.
  public static func lock(_ descriptor: Int32) throws(Errno) -> Bool {
    do {
      try retrying { cl_lock(descriptor) }
      return true
    } catch .resourceTemporarilyUnavailable {
      return false
    } catch .permissionDenied {
      return false
    }
  }
}
