import CLinux
import Glibc
import SystemPackage

/// Reads the names in an open directory, one buffer of entries at a time, and allocates nothing
/// per entry. See getdents64(2).
public struct DirectoryReader: ~Copyable {
  /// 64 KiB hold about 2,000 entries: larger buffers were not faster.
  public static let bufferBytes = 64 * 1024

  private let buffer: UnsafeMutableRawPointer

  public init() {
    buffer = .allocate(byteCount: Self.bufferBytes, alignment: 8)
  }

  deinit { buffer.deallocate() }

  /// Calls `body` with name, inode number and kind of every entry but `.` and `..`; the name lasts
  /// for the call.
  ///
  /// - Parameter directory: opened for reading, at its start.
  @inline(__always)
  public borrowing func forEach<Failure: Error>(
    in directory: Int32,
    _ body: (UnsafePointer<CChar>, _ inode: UInt64, FileKind) throws(Failure) -> Void
  ) throws(DirectoryError<Failure>) {
    while true {
      let bytes: Int
      do {
        bytes = try retrying { cl_getdents(directory, buffer, Self.bufferBytes) }
      } catch {
        throw .reading(error)
      }
      if bytes == 0 { return }
      var at = 0
      while at < bytes {
        // d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name
        let entry = buffer + at
        let length = Int(entry.load(fromByteOffset: 16, as: UInt16.self))
        let kind = entry.load(fromByteOffset: 18, as: UInt8.self)
        let name = (entry + 19).assumingMemoryBound(to: CChar.self)
        at += length
        if name[0] == 0x2e && (name[1] == 0 || (name[1] == 0x2e && name[2] == 0)) { continue }
        do throws(Failure) {
          try body(
            UnsafePointer(name), entry.load(as: UInt64.self), FileKind(rawValue: kind) ?? .unknown)
        } catch {
          throw .body(error)
        }
      }
    }
  }
}

/// Why a walk over a directory ended early.
public enum DirectoryError<Body: Error>: Error {
  /// The directory could not be read.
  case reading(Errno)
  /// The caller's own work on an entry failed.
  case body(Body)
}
