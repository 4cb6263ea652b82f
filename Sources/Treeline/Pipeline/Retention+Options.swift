import Glibc
import Journal
import LinuxSystem

extension Retention {
  /// What a person asked to keep of a journal that is there.
  init(_ options: BackupOptions) {
    // What is kept for less than a second is kept for one.
    self.init(seconds: max(options.retain.components.seconds, 1))
    bytes = options.retainBytes.bytes(at: options.journal)
  }
}

extension SizeBound {
  /// In bytes, for something at a place; nil where its filesystem does not tell its size.
  func bytes(at path: [UInt8]) -> UInt64? {
    switch self {
    case .bytes(let bytes): bytes
    case .percentOfDisk(let percent): Self.diskBytes(path).map { UInt64(Double($0) * percent / 100) }
    }
  }

  /// The size of the filesystem that something lies on; nil where it does not tell.
  private static func diskBytes(_ path: [UInt8]) -> UInt64? {
    var status = statvfs()
    guard withCString(path, { statvfs($0, &status) }) == 0, status.f_blocks > 0 else { return nil }
    return UInt64(status.f_blocks) * UInt64(status.f_frsize)
  }
}
