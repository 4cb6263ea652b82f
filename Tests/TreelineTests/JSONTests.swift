import Testing
import Treeline

struct JSONTests {
  private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    json.object(body)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test func membersStandInTheOrderInWhichTheyWereWritten() {
    let text = written { json in
      json.member("b", 1)
      json.object("c") { $0.member("d", true) }
      json.array("e") { json in
        json.element("x")
        json.element("y")
      }
      json.null("f")
    }
    #expect(text == #"{"b":1,"c":{"d":true},"e":["x","y"],"f":null}"#)
  }

  @Test func controlCharactersAndQuotesAreEscaped() {
    #expect(written { $0.member("a", "\"\\\n\u{1b}") } == #"{"a":"\"\\\n\u001b"}"#)
  }

  @Test func aPathThatIsNotTextComesWithItsBytes() {
    let text = written { $0.path("path", [0x61, 0xff, 0x62]) }
    #expect(text == "{\"path\":\"a\u{fffd}b\",\"path_base64\":\"Yf9i\"}")
    #expect(JSONValue(Array(text.utf8))?.path("path") == [0x61, 0xff, 0x62])
  }

  @Test func anyBytesOfAPathAreReadBack() {
    for count in 0..<40 {
      let path = (0..<count).map { _ in UInt8.random(in: 1...255) }
      let text = written { $0.path("path", path) }
      #expect(JSONValue(Array(text.utf8))?.path("path") == path)
    }
  }

  @Test(arguments: [0.0, 1.5, 0.001, 12.345, -2.25, 100])
  func secondsAreReadBack(value: Double) {
    let json = JSONValue(Array(written { $0.member("s", seconds: value) }.utf8))
    #expect(json?["s"].double == value)
  }

  @Test(arguments: [
    "", "{", "}", "[1,]", "{\"a\":}", "{\"a\" 1}", "nul", "\"", "\"\\q\"", "\"\\ud800\"", "1 2",
    "\u{1}", "{\"a\":1,}", "--1", "1e999", String(repeating: "[", count: 100_000),
  ])
  func whatIsNoJSONIsRefused(text: String) {
    #expect(JSONValue(Array(text.utf8)) == nil)
  }

  @Test func escapesAreUndone() {
    #expect(JSONValue(Array(#""\u0041\ud83d\ude00\n\/""#.utf8)) == .string("A😀\n/"))
  }

  @Test func theStandardVectorsOfBase64Hold() {
    let vectors = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE="]
    for (plain, encoded) in vectors {
      #expect(base64(Array(plain.utf8)) == Array(encoded.utf8))
      #expect(bytes(base64: encoded.utf8) == Array(plain.utf8))
    }
    #expect(bytes(base64: "Zg=".utf8) == nil)
    #expect(bytes(base64: "Z===".utf8) == nil)
    #expect(bytes(base64: "=g==".utf8) == nil)
  }
}
