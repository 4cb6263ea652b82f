import Glibc
import Journal
import LinuxSystem

extension Retention {
  /// What a person asked to keep of a journal that is there.
  init(_ options: BackupOptions) {
    // What is kept for less than a second is kept for one.
    self.init(seconds: max(options.retain.components.seconds, 1))
    switch options.retainBytes {
    case .bytes(let bytes): self.bytes = bytes
    case .percentOfDisk(let percent):
      bytes = Self.diskBytes(options.journal).map { UInt64(Double($0) * percent / 100) }
    }
  }

  /// The size of the filesystem that a journal lies on; nil where it does not tell.
  private static func diskBytes(_ path: [UInt8]) -> UInt64? {
    var status = statvfs()
    guard withCString(path, { statvfs($0, &status) }) == 0, status.f_blocks > 0 else { return nil }
    return UInt64(status.f_blocks) * UInt64(status.f_frsize)
  }
}
