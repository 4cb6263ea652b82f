import LinuxSystem

/// What was mounted inside the source and followed when the journal was written last: a file beside the
/// segments. The journal keeps the bytes and does not know what they mean.
package enum JournalMounts {
  static let fileName = "mounts"
  /// A thousand paths.
  private static let bytesMax = 4 * 1024 * 1024

  /// - Returns: nil when mounts were never followed.
  package static func read(at journal: [UInt8]) throws(JournalError) -> [UInt8]? {
    let bytes = try JournalDirectory(path: journal).read(fileName, limit: bytesMax)
    return bytes?.isEmpty == false ? bytes : nil
  }

  /// Replaces what was kept, in one step, and makes it durable; nil says that mounts are not followed.
  package static func write(_ bytes: [UInt8]?, at journal: [UInt8]) throws(JournalError) {
    try JournalDirectory(path: journal).replace(fileName, with: bytes ?? [])
  }
}
