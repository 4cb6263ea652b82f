import Glibc

/// All globs of a list in flat memory, so that matching follows no references.
struct GlobProgram {
  /// Which way is the shortest to tell whether a name matches.
  private enum Shape {
    /// The whole name is this.
    case literal
    /// The name ends in this: `*.o`.
    case suffix
    case tokens
  }

  private struct Entry {
    var shape: Shape
    var range: Range<Int>
  }

  /// The glob that any name matches.
  static let any: Int32 = -1

  private static let one: UInt32 = 0x100
  private static let run: UInt32 = 0x101
  private static let firstSet: UInt32 = 0x102

  private var entries: [Entry] = []
  /// Bytes of literals and suffixes.
  private var bytes: [UInt8] = []
  /// Tokens: below 256 a byte, else one of the above, or a set.
  private var tokens: [UInt32] = []
  private var sets: [ByteSet] = []

  /// Adds a glob, and gives its number.
  mutating func add(_ glob: Glob) -> Int32 {
    if glob == .any { return Self.any }
    let isSuffix = glob.tokens.first == .run
    if let literal = Self.bytes(of: isSuffix ? glob.tokens.dropFirst() : glob.tokens[...]) {
      let start = bytes.count
      bytes.append(contentsOf: literal)
      entries.append(Entry(shape: isSuffix ? .suffix : .literal, range: start..<bytes.count))
    } else {
      let start = tokens.count
      for token in glob.tokens { tokens.append(code(token)) }
      entries.append(Entry(shape: .tokens, range: start..<tokens.count))
    }
    return Int32(entries.count - 1)
  }

  private static func bytes(of tokens: ArraySlice<Glob.Token>) -> [UInt8]? {
    var bytes: [UInt8] = []
    for token in tokens {
      guard case .byte(let byte) = token else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private mutating func code(_ token: Glob.Token) -> UInt32 {
    switch token {
    case .byte(let byte): return UInt32(byte)
    case .one: return Self.one
    case .run: return Self.run
    case .oneOf(let set):
      let number = sets.firstIndex(of: set) ?? sets.count
      if number == sets.count { sets.append(set) }
      return Self.firstSet + UInt32(number)
    }
  }

  /// Whether a name is as a glob says.
  @inline(__always)
  func matches(_ glob: Int32, _ name: UnsafeRawBufferPointer) -> Bool {
    if glob == Self.any { return true }
    let entry = entries[Int(glob)]
    switch entry.shape {
    case .literal:
      return name.count == entry.range.count && isEqual(entry.range, name)
    case .suffix:
      return name.count >= entry.range.count
        && isEqual(entry.range, UnsafeRawBufferPointer(rebasing: name.suffix(entry.range.count)))
    case .tokens: return matches(entry.range, name)
    }
  }

  private func isEqual(_ range: Range<Int>, _ name: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { bytes in
      memcmp(bytes.baseAddress! + range.lowerBound, name.baseAddress!, range.count) == 0
    }
  }

  /// Goes back to the last star alone: what an earlier one took too little of, the later one can take.
  private func matches(_ range: Range<Int>, _ name: UnsafeRawBufferPointer) -> Bool {
    tokens.withUnsafeBufferPointer { tokens in
      var token = range.lowerBound
      var at = 0
      var afterRun = -1
      var runEnd = 0
      while at < name.count {
        if token < range.upperBound {
          if tokens[token] == Self.run {
            token += 1
            afterRun = token
            runEnd = at
            continue
          }
          if accepts(tokens[token], name[at]) {
            token += 1
            at += 1
            continue
          }
        }
        guard afterRun >= 0 else { return false }
        runEnd += 1
        at = runEnd
        token = afterRun
      }
      while token < range.upperBound, tokens[token] == Self.run { token += 1 }
      return token == range.upperBound
    }
  }

  @inline(__always)
  private func accepts(_ token: UInt32, _ byte: UInt8) -> Bool {
    if token < Self.one { return token == UInt32(byte) }
    return token == Self.one || sets[Int(token - Self.firstSet)].contains(byte)
  }
}
