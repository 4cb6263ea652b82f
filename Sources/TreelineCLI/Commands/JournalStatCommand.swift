import ArgumentParser
import Journal
import Treeline

struct JournalStatCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "stat",
    abstract: "Show what a journal holds, in numbers.",
    discussion: """
        treeline journal stat documents
        treeline journal stat --json documents | jq .bytes
      """)

  @OptionGroup var journal: JournalArgument
  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try journal.directory()
    let verification = try verification(of: path)
    if let finding = verification.findings.first {
      throw TreelineError(.damaged(finding), journal: path)
    }
    let summary = verification.summary
    try Output.standard.write(output.json ? json(summary, path) : Array(text(summary, path).utf8))
    return .done
  }

  private func text(_ summary: JournalSummary, _ path: [UInt8]) -> String {
    var lines: [(String, String)] = [("journal", printable(path))]
    if let id = summary.id { lines.append(("id", id.text)) }
    if let source = summary.source { lines.append(("source", printable(source.path))) }
    if let first = summary.first, let last = summary.last {
      lines.append(("commits", "\(summary.commitCount), from \(first.rawValue) to \(last.rawValue)"))
    } else {
      lines.append(("commits", "none"))
    }
    if let first = summary.firstTime, let last = summary.lastTime {
      lines.append(("time", "\(first.localText) to \(last.localText)"))
    }
    lines += [
      ("exact", "\(summary.exactCount) commits are of one instant"),
      ("partial", "\(summary.partialCount) commits are parts of a first scan"),
      (
        "objects",
        "\(summary.objectCount) changes: \(summary.createdCount) created, "
          + "\(summary.removedCount) removed, \(summary.contentCount) with content"
      ),
      ("names", "\(summary.linkCount) gained or lost"),
      ("segments", "\(summary.segments.count), \(sizeText(summary.bytes))"),
      (
        "checkpoints",
        summary.checkpoints.isEmpty
          ? "none" : summary.checkpoints.map { String($0.rawValue) }.joined(separator: ", ")
      ),
    ]
    for (operation, count) in marks(summary) { lines.append(("mark", "\(operation) \(count)")) }
    return lines.map { name, value in
      name + String(repeating: " ", count: 13 - name.count) + value + "\n"
    }.joined()
  }

  private func json(_ summary: JournalSummary, _ path: [UInt8]) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.path("journal", path)
      if let id = summary.id { json.member("id", id.text) }
      if let source = summary.source { json.path("source", source.path) }
      if let first = summary.first { json.member("first_seq", first.rawValue) }
      if let last = summary.last { json.member("last_seq", last.rawValue) }
      if let first = summary.firstTime { json.member("first_time", first.rfc3339) }
      if let last = summary.lastTime { json.member("last_time", last.rfc3339) }
      json.member("commits", summary.commitCount)
      json.member("exact", summary.exactCount)
      json.member("partial", summary.partialCount)
      json.member("objects", summary.objectCount)
      json.member("created", summary.createdCount)
      json.member("removed", summary.removedCount)
      json.member("content", summary.contentCount)
      json.member("links", summary.linkCount)
      json.member("bytes", summary.bytes)
      json.array("segments") { json in
        for segment in summary.segments {
          json.object {
            $0.member("first_seq", segment.first.rawValue)
            $0.member("bytes", segment.bytes)
          }
        }
      }
      json.array("checkpoints") { json in
        for number in summary.checkpoints { json.object { $0.member("seq", number.rawValue) } }
      }
      json.array("marks") { json in
        for (operation, count) in marks(summary) {
          json.object {
            $0.member("op", operation)
            $0.member("count", count)
          }
        }
      }
    }
    json.newline()
    return json.bytes
  }

  private func marks(_ summary: JournalSummary) -> [(String, UInt64)] {
    summary.marks.map { (Operation($0.key).rawValue, $0.value) }.sorted { $0.0 < $1.0 }
  }
}
