import Foundation
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree
import Treeline

struct PageTests {
  private static let hostile = [
    "<script>document.title='broken'<|script>", "<!--<script>", "]]>&amp;&lt;", "a\u{2028}b\u{2029}c",
    "\u{202e}txt.exe", "\"'`${alert(1)}", "__proto__", "constructor", "<img src=x onerror=alert(1)>",
  ]

  /// A journal in which names are as bad as they can be.
  private func example() throws -> (journal: JournalLiteral, page: [UInt8]) {
    let journal = try JournalLiteral()
    try journal.commit(marks: [Mark(kind: .start), Mark(kind: .scan)]) { $0.directory(2, 1, "a") }
    for (place, name) in Self.hostile.enumerated() {
      let id = UInt64(10 + 2 * place)
      try journal.commit(by: "/bin/</script>") {
        $0.directory(id, 2, name)
        $0.file(id + 1, id, name, size: 1 << 40)
      }
    }
    try journal.commit {
      $0.directory(90, 2, "<")
      $0.file(91, 90, "script><script>document.title='broken'")
    }
    let statistics = try JournalStatistics(journal: journal.path)
    var last = LastElements<JournalLine>(limit: StatisticsPage.lineCountMax)
    _ = try JournalNarration(journal: journal.path, filter: LineFilter()).tell { last.add($0) }
    let page = StatisticsPage(
      statistics, journal: journal.path, lines: last.all, areAll: last.areAll)
    return (journal, page.bytes)
  }

  @Test func noNameEndsTheElementThatItStandsIn() throws {
    let text = String(decoding: try example().page, as: UTF8.self)
    #expect(text.components(separatedBy: "</script").count == 3, "the data's end and the script's")
    #expect(text.components(separatedBy: "<script").count == 3)
    #expect(!text.contains("\u{2028}") && !text.contains("\u{2029}") && !text.contains("\u{202e}"))
    let data = text.components(separatedBy: "id=\"data\">").last!.components(separatedBy: "</script>")[0]
    #expect(!data.contains("<") && !data.contains(">") && !data.contains("&"))
    let value = try #require(JSONValue(Array(data.utf8)))
    #expect(value["lines"].elements.count == 2 + 1 + 2 * Self.hostile.count + 2)
  }

  @Test func nothingIsFetchedAndTwoPagesShareNoNumber() throws {
    let pages = try (0..<2).map { _ in String(decoding: try example().page, as: UTF8.self) }
    for page in pages {
      #expect(page.contains("default-src 'none'"))
      #expect(!page.contains("src=\"") && !page.contains("href=") && !page.contains("url("))
    }
    let numbers = pages.map { $0.components(separatedBy: "nonce-")[1].prefix { $0 != "'" } }
    #expect(numbers[0] != numbers[1] && numbers[0].count > 20)
  }

  @Test func escapesMeanTheSameAsWhatTheyStandFor() throws {
    for name in Self.hostile {
      var json = JSONWriter()
      json.object { $0.member("x", name) }
      let value = try #require(JSONValue(StatisticsPage.embedded(json.bytes)))
      #expect(value["x"].string == name)
    }
  }

  @Test func aBrowserDrawsItAndRunsNoScriptButItsOwn() throws {
    let names = ["chromium", "chromium-browser", "google-chrome"]
    guard let browser = names.first(where: { (try? run(["which", $0]))?.exitCode == 0 }) else {
      return announceSkip("the page in a browser", because: "there is no Chromium here")
    }
    let (journal, page) = try example()
    let file = journal.directory["page.html"]
    try Data(page).write(to: URL(fileURLWithPath: file))
    let output = try run([
      browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
      "--user-data-dir=\(journal.directory["profile"])", "--virtual-time-budget=5000", "--dump-dom",
      "file://\(file)",
    ])
    let dom = output.standardOutput
    try #require(dom.contains("data-ready=\"yes\""), "\(output)")
    #expect(dom.contains("<title>/source – journal</title>"))
    #expect(dom.components(separatedBy: "<rect").count > 2, "no timeline")
    #expect(dom.contains("23 of 23 lines"), "\(dom.suffix(2_000))")
    #expect(dom.components(separatedBy: "<img").count == 1)
    #expect(dom.contains("\\xe2\\x80\\xaetxt.exe"))
  }
}
