import LinuxSystem

/// Why deletions in the source are not believed, until a person says so: a file beside the segments, so
/// that a restart does not forget it. The journal keeps the text and does not know what it means.
package enum JournalDoubt {
  static let fileName = "doubt"
  /// One line.
  private static let bytesMax = 4096

  /// - Returns: nil when nothing is doubted.
  package static func read(at journal: [UInt8]) throws(JournalError) -> [UInt8]? {
    let text = try JournalDirectory(path: journal).read(fileName, limit: bytesMax)
    return text?.isEmpty == false ? text : nil
  }

  /// Replaces what was kept, in one step, and makes it durable; nil ends the doubt.
  package static func write(_ text: [UInt8]?, at journal: [UInt8]) throws(JournalError) {
    try JournalDirectory(path: journal).replace(fileName, with: Array((text ?? []).prefix(bytesMax)))
  }
}
