import LinuxSystem

/// What was left out of the source when the journal was written last: a file beside the segments, by
/// which a changed list is noticed. The journal keeps the bytes and does not know what they mean.
package enum JournalExcludes {
  static let fileName = "excludes"
  /// A list of a million patterns.
  private static let bytesMax = 64 * 1024 * 1024

  /// - Returns: nil when nothing was ever left out.
  package static func read(at journal: [UInt8]) throws(JournalError) -> [UInt8]? {
    try JournalDirectory(path: journal).read(fileName, limit: bytesMax)
  }

  /// Replaces what was kept, in one step, and makes it durable.
  package static func write(_ bytes: [UInt8], at journal: [UInt8]) throws(JournalError) {
    try JournalDirectory(path: journal).replace(fileName, with: bytes)
  }
}
