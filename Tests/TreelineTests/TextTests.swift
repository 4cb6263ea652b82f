import LinuxSystem
import Testing
import Tree
import Treeline

struct TextTests {
  @Test func whatActsOnATerminalIsEscaped() {
    #expect(printable(Array("a b".utf8)) == "a b")
    #expect(printable(Array("é漢".utf8)) == "é漢")
    #expect(printable([0x1b, 0x5b, 0x0a, 0x09, 0x5c]) == #"\x1b[\n\t\\"#)
    #expect(printable([0xff, 0x61]) == #"\xffa"#)
    #expect(printable(Array("\u{202e}".utf8)) == #"\xe2\x80\xae"#)
    #expect(printable(Array("a → b".utf8)) == #"a \xe2\x86\x92 b"#)
  }

  @Test func noTwoByteStringsLookTheSame() {
    var seen: [String: [UInt8]] = [:]
    let alphabet: [UInt8] = [0x5c, 0x78, 0x66, 0x6e, 0x0a, 0xff, 0xe2, 0x80, 0xae, 0x00]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...4)).map { _ in alphabet.randomElement()! }
      let text = printable(bytes)
      #expect(seen.updateValue(bytes, forKey: text) ?? bytes == bytes)
    }
  }

  @Test func argumentsOfAnyBytesPassThroughText() {
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...12)).map { _ in UInt8.random(in: 1...255) }
      #expect(ArgumentText.bytes(ArgumentText.text(bytes)) == bytes)
    }
    let reserved = Array("\u{10ffff}".utf8)
    #expect(ArgumentText.bytes(ArgumentText.text(reserved)) == reserved)
    #expect(ArgumentText.text(Array("--é".utf8)) == "--é")
  }

  @Test func durationsHaveUnits() {
    #expect(Duration(text: "250ms") == .milliseconds(250))
    #expect(Duration(text: "1.5h") == .seconds(5400))
    #expect(Duration(text: "30d") == .seconds(30 * 86_400))
    #expect(Duration(text: "0") == .zero)
    for wrong in ["", "5", "s", "-1s", "1x", "1 s", "1e3s", "99999999d", "1.2.3s"] {
      #expect(Duration(text: wrong) == nil, "\(wrong)")
    }
    #expect(Duration.milliseconds(200).text == "200ms")
    #expect(Duration.seconds(5).text == "5s")
  }

  @Test func momentsAreNumbersOrTimes() {
    let now = Timestamp(seconds: 1_800_000_000, nanoseconds: 5)
    #expect(Moment(text: "17", now: now) == .sequence(Sequence(17)))
    #expect(
      Moment(text: "2026-01-31T12:00:00.25Z", now: now)
        == .time(Timestamp(seconds: 1_769_860_800, nanoseconds: 250_000_000)))
    #expect(
      Moment(text: "2026-01-31T13:00:00+01:00", now: now)
        == .time(Timestamp(seconds: 1_769_860_800, nanoseconds: 0)))
    #expect(
      Moment(text: "2h ago", now: now) == .time(Timestamp(seconds: 1_799_992_800, nanoseconds: 5)))
    #expect(Moment(text: "yesterday 18:00", now: now) != nil)
    #expect(Moment(text: "2026-01-31 18:00", now: now) != nil)
    for wrong in ["", "soon", "yesterday 25:00", "2026-13-01", "2h", "-1", "2026-01-31T", "1 2 3"] {
      #expect(Moment(text: wrong, now: now) == nil, "\(wrong)")
    }
  }

  @Test func timesAreWrittenToTheNanosecond() {
    let time = Timestamp(seconds: 1_769_860_800, nanoseconds: 1_002)
    #expect(time.rfc3339 == "2026-01-31T12:00:00.000001002Z")
  }

  @Test func sizesAreRounded() {
    #expect(sizeText(1023) == "1023 B")
    #expect(sizeText(1536) == "1.5 KiB")
    #expect(sizeText(20 << 30) == "20 GiB")
  }

  @Test(arguments: [
    ("*.txt", "a/b.txt", true), ("*.txt", "a/b.txt.c", false), ("a/*.txt", "a/b.txt", true),
    ("a/*.txt", "a/x/b.txt", false), ("a/**", "a/x/b.txt", true), ("**/b", "b", true),
    ("**/b", "a/x/b", true), ("/a", "a", true), ("/a", "x/a", false), ("[ab]?", "x/bq", true),
    ("[!a]", "a", false), ("\\*", "*", true), ("\\*", "a", false), ("a/**/c", "a/c", true),
    ("a/**/c", "a/b/b/c", true), ("a*b*c", "aXbYbc", true), ("", "a", false),
  ])
  func globsMatchPaths(pattern: String, path: String, isMatch: Bool) {
    #expect(PathPattern(Array(pattern.utf8)).matches(Array(path.utf8)) == isMatch)
  }

  @Test func namesOfJournalsTellSourcesApart() {
    func name(_ path: String) -> String {
      String(decoding: JournalPlace.name(source: Array(path.utf8)), as: UTF8.self)
    }
    #expect(name("/home/ann/Documents") == "home-ann-Documents")
    #expect(name("/") == "root")
    #expect(name("/root").hasPrefix("root-"))
    #expect(name("/a-b") != name("/a/b"))
    #expect(name("/a b") != name("/a_b"))
    #expect(name("/" + String(repeating: "x", count: 4000)).utf8.count < 255)
    #expect(name("/.config").first != ".")
  }
}
