/// The patterns that say what of a tree is left out, in order: of those that match, the last one
/// counts.
///
/// What lies in a directory that is left out is left out, whatever patterns say of it.
package struct ExclusionList: Sendable, Hashable {
  package private(set) var patterns: [ExclusionPattern] = []

  package init() {}

  package var isEmpty: Bool { patterns.isEmpty }

  /// Adds one pattern, taken as it is.
  package mutating func append(_ pattern: [UInt8]) { patterns.append(ExclusionPattern(pattern)) }

  /// Adds the patterns of a file, one a line.
  ///
  /// As in gitignore(5): empty lines and those that start with `#` say nothing, spaces at the end go
  /// unless a backslash stands before them, a carriage return at the end goes, and so does a byte
  /// order mark at the start.
  package mutating func append(contentsOfFile bytes: [UInt8]) {
    var rest = bytes[...]
    if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
    for line in rest.split(separator: UInt8(ascii: "\n")) {
      guard line.first != UInt8(ascii: "#") else { continue }
      // Names have no NUL: what stands behind one says nothing.
      var pattern = line.prefix { $0 != 0 }
      if pattern.endIndex == line.endIndex, pattern.last == UInt8(ascii: "\r") {
        pattern.removeLast()
      }
      pattern = Self.withoutTrailingSpaces(pattern)
      if !pattern.isEmpty { append(Array(pattern)) }
    }
  }

  private static func withoutTrailingSpaces(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var end = line.startIndex
    var isEscaped = false
    for at in line.indices {
      if isEscaped || line[at] != UInt8(ascii: " ") { end = at + 1 }
      isEscaped = !isEscaped && line[at] == .backslash
    }
    return line[..<end]
  }
}

extension ExclusionList {
  /// The patterns in one run of bytes, each ended by NUL.
  package var encoded: [UInt8] { patterns.flatMap { $0.text + [0] } }

  /// Reads what `encoded` gives.
  ///
  /// - Returns: nil when the last pattern has no end.
  package init?(encoded: [UInt8]) {
    guard encoded.last ?? 0 == 0 else { return nil }
    for text in encoded.split(separator: 0, omittingEmptySubsequences: false).dropLast() {
      append(Array(text))
    }
  }
}
