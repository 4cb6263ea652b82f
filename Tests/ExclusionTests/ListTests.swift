import Exclusion
import Testing

/// How patterns are read from a file, from the command line, and from where they were kept.
@Suite
struct ListTests {
  private func texts(_ file: String) -> [String] {
    var list = ExclusionList()
    list.append(contentsOfFile: Array(file.utf8))
    return list.patterns.map { String(decoding: $0.text, as: UTF8.self) }
  }

  @Test func commentsAndEmptyLinesSayNothing() {
    #expect(texts("# a\n\nb\n \n#\nc # d\n") == ["b", "c # d"])
    #expect(texts("") == [])
    #expect(texts(" # a") == [" # a"])
  }

  @Test func spacesAtTheEndGoUnlessEscaped() {
    #expect(texts("a  \nb\\ \nc\\  \n d\ne \\\\  \n") == ["a", "b\\ ", "c\\ ", " d", "e \\\\"])
    #expect(texts("a\t\n") == ["a\t"])
    #expect(ExclusionList("b\\ ").excludes("b "))
    #expect(!ExclusionList("b ").excludes("b "))
  }

  @Test func aCarriageReturnAtTheEndGoes() {
    #expect(texts("a\r\nb \r\n\r\nc\rd\r") == ["a", "b", "c\rd"])
  }

  @Test func aByteOrderMarkGoes() { #expect(texts("\u{feff}a\n\u{feff}b") == ["a", "\u{feff}b"]) }

  @Test func whatFollowsANulSaysNothing() { #expect(texts("a\0b\n\0\nc") == ["a", "c"]) }

  @Test func aPatternFromTheCommandLineIsTakenAsItIs() {
    var list = ExclusionList()
    list.append(Array("#a ".utf8))
    #expect(list.excludes("#a "))
    #expect(!list.excludes("#a"))
  }

  @Test func namesAreBytes() {
    var list = ExclusionList()
    list.append([0xff, UInt8(ascii: "*")])
    let matcher = ExclusionMatcher(list)
    #expect(matcher.decision(on: [[0xff, 0xfe]], isDirectory: false) == 0)
    #expect(matcher.decision(on: [Array("\u{ff}".utf8)], isDirectory: false) == nil)
  }

  @Test func aListComesBackAsItWasKept() {
    var list = ExclusionList("a", "!b/", "/c\\ ")
    list.append(Array("#d\ne".utf8))
    #expect(ExclusionList(encoded: list.encoded) == list)
    #expect(ExclusionList(encoded: []) == ExclusionList())
    #expect(ExclusionList(encoded: [97]) == nil)
  }

  @Test func rulesComeBackAsTheyWereKept() {
    var rules = ExclusionRules()
    #expect(ExclusionRules(encoded: rules.encoded) == rules)
    rules.patterns = ExclusionList("a", "!b/")
    #expect(ExclusionRules(encoded: rules.encoded) == rules)
    rules.leavesOutCaches = true
    #expect(ExclusionRules(encoded: rules.encoded) == rules)
    #expect(ExclusionRules(encoded: []) == nil)
    #expect(ExclusionRules(encoded: Array("treeline excludes 2\0a\0".utf8)) == nil)
  }
}
