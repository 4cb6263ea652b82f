/// Takes a pattern apart at its slashes, and each part into tokens.
///
/// A part that is nothing but stars, two at least, stands for directories, as `**` does; two stars
/// anywhere else are no more than one.
struct PatternParser {
  private let text: ArraySlice<UInt8>
  private var at: Int
  private var parts: [PathPart] = []
  private var glob = Glob()
  /// The text ended with what stands for everything beneath.
  private var isEnded = false

  /// - Parameter text: without `!` and without the slashes that only anchor it or ask for a directory.
  init(_ text: ArraySlice<UInt8>) {
    self.text = text
    at = text.startIndex
  }

  /// - Returns: nil when nothing can match.
  mutating func parse() -> [PathPart]? {
    while at < text.endIndex {
      let byte = text[at]
      at += 1
      switch byte {
      case .slash: endName()
      case UInt8(ascii: "*"): star()
      case UInt8(ascii: "?"): glob.tokens.append(.one)
      case UInt8(ascii: "["):
        guard let set = bracket() else { return nil }
        glob.tokens.append(.oneOf(set))
      case .backslash:
        guard let escaped = next() else { return nil }
        if escaped == .slash { endName() } else { glob.tokens.append(.byte(escaped)) }
      default: glob.tokens.append(.byte(byte))
      }
    }
    if !isEnded { parts.append(.name(glob)) }
    // No name is empty: `a//b` matches nothing.
    return parts.contains(.name(Glob())) ? nil : parts
  }

  private mutating func next() -> UInt8? {
    guard at < text.endIndex else { return nil }
    defer { at += 1 }
    return text[at]
  }

  private mutating func endName() {
    parts.append(.name(glob))
    glob = Glob()
  }

  /// One star was read.
  private mutating func star() {
    let isAtStart = glob.tokens.isEmpty
    let first = at - 1
    while at < text.endIndex, text[at] == UInt8(ascii: "*") { at += 1 }
    guard isAtStart, at - first >= 2 else { return glob.tokens.append(.run) }
    if at == text.endIndex {
      parts.append(.everything)
      isEnded = true
    } else if text[at] == .slash {
      parts.append(.directories)
      at += 1
    } else if text[at...].starts(with: [.backslash, .slash]) {
      // Escaped, the slash is not left out together with the directories before it.
      parts.append(.everything)
      at += 2
    } else {
      glob.tokens.append(.run)
    }
  }

  /// An opening bracket was read.
  ///
  /// - Returns: nil when it is never closed, or names a class that is none.
  private mutating func bracket() -> ByteSet? {
    var set = ByteSet()
    let isInverted =
      at < text.endIndex && (text[at] == UInt8(ascii: "!") || text[at] == UInt8(ascii: "^"))
    if isInverted { at += 1 }
    // The start of a range, if a dash came next.
    var previous: UInt8? = nil
    repeat {
      guard let byte = next() else { return nil }
      if byte == .backslash {
        guard let escaped = next() else { return nil }
        set.insert(escaped)
        previous = escaped
      } else if byte == UInt8(ascii: "-"), let first = previous, at < text.endIndex,
        text[at] != UInt8(ascii: "]")
      {
        guard let last = rangeEnd() else { return nil }
        set.insert(from: first, through: last)
        previous = nil
      } else if byte == UInt8(ascii: "["), at < text.endIndex, text[at] == UInt8(ascii: ":") {
        guard let end = text[(at + 1)...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
        if end > at + 1, text[end - 1] == UInt8(ascii: ":") {
          guard let named = ByteSet(className: text[(at + 1)..<(end - 1)]) else { return nil }
          set.formUnion(named)
          previous = nil
          at = end + 1
        } else {
          set.insert(byte)
          previous = byte
        }
      } else {
        set.insert(byte)
        previous = byte
      }
    } while at < text.endIndex ? text[at] != UInt8(ascii: "]") : true
    at += 1
    if isInverted { set.invert() }
    set.remove(.slash)
    return set
  }

  private mutating func rangeEnd() -> UInt8? {
    guard let byte = next() else { return nil }
    return byte == .backslash ? next() : byte
  }
}
