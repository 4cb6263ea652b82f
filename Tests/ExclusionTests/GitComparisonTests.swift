import Exclusion
import TestSupport
import Testing

/// The matcher against `git check-ignore`, which must name the same line for every path.
@Suite
struct GitComparisonTests {
  @Test func everyByteIsInTheClassesThatGitPutsItIn() throws {
    guard GitJudge.isThere else {
      return announceSkip("the comparison with git", because: "no git")
    }
    let bytes = (1...255).map { UInt8($0) }.filter { $0 != UInt8(ascii: "/") }
    let names = bytes.map { (names: [[UInt8(ascii: "x"), $0]], isDirectory: false) }
    let classes = [
      "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
      "upper", "xdigit",
    ]
    try compare(
      classes.flatMap { name in
        ["x[[:\(name):]]", "x[^[:\(name):]]", "x[![:\(name):]-~]"].map {
          GitJudge.Case(lines: [Array($0.utf8)], paths: names)
        }
      })
  }

  @Test func itDecidesAsGitDoes() throws {
    guard GitJudge.isThere else {
      return announceSkip("the comparison with git", because: "no git")
    }
    let seed = Thoroughness.seed()
    print("seed \(seed)")
    var maker = PatternMaker(seed: seed)
    for _ in 0..<(Thoroughness.isFull ? 40 : 2) {
      let decided = try compare((0..<2_000).map { _ in maker.makeCase() })
      #expect(decided > 8_000, "the patterns match too little to show anything")
    }
  }

  /// - Returns: how many paths some pattern decided on.
  @discardableResult
  private func compare(_ cases: [GitJudge.Case]) throws -> Int {
    let expected = try GitJudge.decisions(on: cases)
    let decided = expected.joined().count { $0 > 0 }
    print("\(expected.joined().count) pairs of patterns and path, \(decided) decided")
    for (one, expected) in zip(cases, expected) {
      var list = ExclusionList()
      list.append(contentsOfFile: Array(one.lines.joined(separator: [UInt8(ascii: "\n")])))
      // Empty lines and comments are no patterns, but lines.
      let lineNumbers = one.lines.indices.filter { index in
        var single = ExclusionList()
        single.append(contentsOfFile: one.lines[index])
        return !single.isEmpty
      }
      let matcher = ExclusionMatcher(list)
      for ((names, isDirectory), expected) in zip(one.paths, expected) {
        let decision = matcher.decision(on: names, isDirectory: isDirectory)
        let line = decision.map { lineNumbers[$0] + 1 } ?? 0
        guard line != expected else { continue }
        Issue.record(
          "\(text(names))\(isDirectory ? "/" : "") is decided by \(line), git says \(expected): \(text(one.lines))"
        )
        return decided
      }
    }
    return decided
  }

  private func text(_ parts: [[UInt8]]) -> String {
    parts.map { String(decoding: $0, as: UTF8.self).debugDescription }.joined(separator: " ")
  }
}
