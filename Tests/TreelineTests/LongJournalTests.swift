import Glibc
import Journal
import LinuxSystem
import TestSupport
import Testing
import Tree
import Treeline

/// A journal of many records, as years of work give one; `TREELINE_FULL=1` has ten million.
@Suite(.enabled(if: Products.treelineWorks, "the program is not built"))
struct LongJournalTests {
  private static let records = Thoroughness.isFull ? 10_000_000 : 300_000

  @Test func itsEndAndOnePathAreFoundAndItsNumbersAreRight() throws {
    let directory = try TemporaryDirectory()
    let given = getenv("TREELINE_LONG_JOURNAL").map { String(cString: $0) }
    let path = given ?? directory["journal"]
    if (try? JournalReader.open(at: Array(path.utf8))) == nil {
      let made = try run(
        [Products.tool("longjournal"), path, "\(Self.records)", "\(Thoroughness.seed())"], timeout: .seconds(300))
      try #require(made.exitCode == 0, "\(made)")
    }
    func read(_ arguments: String...) throws -> CommandOutput {
      let output = try run([Products.treeline] + arguments, timeout: .seconds(300))
      print("\(arguments.joined(separator: " ")): \(output.duration)")
      try #require(output.exitCode == 0, "\(output)")
      return output
    }
    let tail = try read("journal", "show", path, "--tail", "20").standardOutput.split(separator: "\n")
    #expect(tail.count == 20)
    let last = String(tail[19].split(separator: "\t")[0])
    let whole = try read("journal", "show", path, "--since", last)
    #expect(whole.standardOutput.split(separator: "\n").suffix(20) == tail)
    let file = String(tail[19].split(separator: "\t")[3].split(separator: " ").last!)
    let history = try read("history", "--journal", path, file).standardOutput.split(separator: "\n")
    #expect(history.first?.contains("create") == true)
    #expect(history.last?.split(separator: "\t")[0] == Substring(last))
    // A count, not a time: 5 MB is what may lack an index, and all of the content is 50 bytes for each record.
    let few = UInt64(5_000_000 + Self.records)
    #expect(try #require(JournalTail(journal: Array(path.utf8), filter: LineFilter(), limit: 20).plainBytes) < few)
    #expect(try #require(PathHistory(journal: Array(path.utf8), path: Array(file.utf8)).plainBytes) < few)
    let stat = try read("journal", "stat", "--json", path).standardOutput
    let value = try #require(JSONValue(Array(stat.utf8)))
    #expect(value["objects"].unsigned! >= UInt64(Self.records))
    #expect(value["checkpoints"].elements.count >= 1)
  }
}
