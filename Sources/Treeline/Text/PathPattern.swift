/// A glob over paths, byte by byte.
///
/// `*` matches within a component, `**` also across `/`, `?` one byte but `/`, `[…]` one of a set;
/// `\` takes the next byte as it is. A pattern without `/` is matched against the last component of a
/// path, one with `/` against the whole path from the source's root.
public struct PathPattern: Sendable {
  private let pattern: [UInt8]
  private let matchesWhole: Bool

  public init(_ pattern: [UInt8]) {
    matchesWhole = pattern.contains(0x2f)
    self.pattern = pattern.first == 0x2f ? Array(pattern.dropFirst()) : pattern
  }

  public func matches(_ path: [UInt8]) -> Bool {
    if matchesWhole { return Self.match(pattern[...], path[...]) }
    let start = path.lastIndex(of: 0x2f).map { $0 + 1 } ?? 0
    return Self.match(pattern[...], path[start...])
  }

  /// Goes back to the last star only: linear in practice, and never deeper than its own loop.
  private static func match(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
    var p = pattern.startIndex
    var s = path.startIndex
    // Where to resume after a mismatch: each kind of star takes one byte more.
    var star: (p: Int, s: Int)?
    var wide: (p: Int, s: Int)?
    while true {
      if p < pattern.endIndex, pattern[p] == 0x2a {
        let isWide = p + 1 < pattern.endIndex && pattern[p + 1] == 0x2a
        p += isWide ? 2 : 1
        if isWide {
          // `**/` also matches no component at all.
          if p < pattern.endIndex, pattern[p] == 0x2f,
            match(pattern[(p + 1)...], path[s...])
          {
            return true
          }
          wide = (p, s)
          star = nil
        } else {
          star = (p, s)
        }
        continue
      }
      if s == path.endIndex {
        if p == pattern.endIndex { return true }
      } else if let next = matchOne(pattern, p, path[s]) {
        p = next
        s += 1
        continue
      }
      if let back = star, back.s < path.endIndex, path[back.s] != 0x2f {
        star = (back.p, back.s + 1)
        (p, s) = (back.p, back.s + 1)
      } else if let back = wide, back.s < path.endIndex {
        wide = (back.p, back.s + 1)
        star = nil
        (p, s) = (back.p, back.s + 1)
      } else {
        return false
      }
    }
  }

  /// The place after the pattern's next element if that matches `byte`.
  private static func matchOne(_ pattern: ArraySlice<UInt8>, _ at: Int, _ byte: UInt8) -> Int? {
    guard at < pattern.endIndex else { return nil }
    switch pattern[at] {
    case 0x3f: return byte == 0x2f ? nil : at + 1
    case 0x5c where at + 1 < pattern.endIndex: return pattern[at + 1] == byte ? at + 2 : nil
    case 0x5b:
      guard let (isIn, next) = set(pattern, at, byte) else { return byte == 0x5b ? at + 1 : nil }
      return isIn && byte != 0x2f ? next : nil
    case let literal: return literal == byte ? at + 1 : nil
    }
  }

  /// Whether `byte` is in the set that starts at `at`; nil when no `]` ends it.
  private static func set(
    _ pattern: ArraySlice<UInt8>, _ at: Int, _ byte: UInt8
  ) -> (isIn: Bool, next: Int)? {
    var place = at + 1
    var isNegated = false
    if place < pattern.endIndex, pattern[place] == 0x21 || pattern[place] == 0x5e {
      isNegated = true
      place += 1
    }
    let first = place
    var isIn = false
    while place < pattern.endIndex {
      if pattern[place] == 0x5d, place > first { return (isIn != isNegated, place + 1) }
      if place + 2 < pattern.endIndex, pattern[place + 1] == 0x2d, pattern[place + 2] != 0x5d {
        if pattern[place] <= byte, byte <= pattern[place + 2] { isIn = true }
        place += 3
      } else {
        if pattern[place] == byte { isIn = true }
        place += 1
      }
    }
    return nil
  }
}
