/// Makes patterns and paths from so few bytes that many of them match.
struct PatternMaker {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func makeCase() -> GitJudge.Case {
    let lines = (0..<number(1...6)).map { _ in makeLine() }
    var paths: [(names: [[UInt8]], isDirectory: Bool)] = []
    // What is a directory in one path is none in another: their names end differently.
    for _ in 0..<25 {
      let isDirectory = number(0...1) == 0
      var names = (0..<number(1...4)).map { _ in makeName() }
      if !isDirectory, directoryNames(paths).contains(names) { names[names.count - 1].append(0x7e) }
      guard !paths.contains(where: { !$0.isDirectory && names.starts(with: $0.names) }) else {
        continue
      }
      paths.append((names, isDirectory))
    }
    let directories = directoryNames(paths)
    return GitJudge.Case(
      lines: lines, paths: paths.filter { $0.isDirectory || !directories.contains($0.names) })
  }

  private func directoryNames(_ paths: [(names: [[UInt8]], isDirectory: Bool)]) -> Set<[[UInt8]]> {
    var found: Set<[[UInt8]]> = []
    for (names, isDirectory) in paths {
      for count in 1...names.count where isDirectory || count < names.count {
        found.insert(Array(names.prefix(count)))
      }
    }
    return found
  }

  private mutating func makeName() -> [UInt8] {
    let common = ["a", "b", "ab", "ba", "aab", "a.b", "bb"]
    if number(0...3) > 0 { return Array(common[number(0...(common.count - 1))].utf8) }
    let bytes = Array("aab-]![^\\*? #c.".utf8) + [0xff, 0x0a, 0x0d]
    let name = (0..<number(1...4)).map { _ in bytes[number(0...(bytes.count - 1))] }
    return name.allSatisfy { $0 == UInt8(ascii: ".") } ? [UInt8(ascii: "a")] : name
  }

  private mutating func makeLine() -> [UInt8] {
    while true {
      var line: [UInt8] = []
      if number(0...3) == 0 { line += Array("!".utf8) }
      if number(0...4) == 0 { line += Array("/".utf8) }
      for _ in 0..<number(1...5) { line += makePiece() }
      if number(0...4) == 0 { line += Array("/".utf8) }
      if number(0...9) == 0 { line += Array(["  ", "\\ ", "\r", " \r", "\\"][number(0...4)].utf8) }
      if isDecidedOtherwiseByOldGit(line) { continue }
      return line
    }
  }

  private mutating func makePiece() -> [UInt8] {
    let pieces = [
      "a", "b", "ab", "a", "b", ".", "/", "/", "/", "*", "*", "?", "**", "**/", "/**", "/**/",
      "***",
      "[ab]", "[!a]", "[^b]", "[a-c]", "[]a]", "[]-]", "[b-a]", "[\\]a]", "[a\\-c]", "[[:alpha:]]",
      "[[:alpha:]-]", "[[:digit:]b]", "[[:nope:]]", "[a", "[[:", "[a/b]", "\\a", "\\*", "\\/",
      "\\\\",
      "#", "!", " ", "-", "]", "\\#", "\\!", "[", "[[a]", "[!]", "[a-", "[-a]", "[a-]",
    ]
    if number(0...30) == 0 { return [0xff] }
    return Array(pieces[number(0...(pieces.count - 1))].utf8)
  }

  /// Before version 2.53 git forgot what stood before two stars when that was literal, and took
  /// `a**/b` for `a` and then `**/b`; its manual has always said otherwise.
  private func isDecidedOtherwiseByOldGit(_ line: [UInt8]) -> Bool {
    var rest = line[...]
    if rest.first == UInt8(ascii: "!") { rest.removeFirst() }
    let special = rest.firstIndex { Array("*?[\\".utf8).contains($0) } ?? rest.endIndex
    guard special > rest.startIndex, rest[special - 1] != UInt8(ascii: "/") else { return false }
    return rest[special...].starts(with: Array("**".utf8))
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return range.lowerBound + Int((z ^ (z >> 31)) % UInt64(range.count))
  }
}
