import ArgumentParser
import Treeline

struct JournalShowCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what happened, one line a change, oldest first.",
    discussion: """
      Each line has the commit's number, the local time, the operation, the path (`old → new` for a \
      rename), and the size or what changed. Lines of one commit have no order among them. In a pipe \
      the columns are separated by tabs. Of commits that were compacted there is the net change; its lines \
      have the number and time of the last and say of how many they are (in JSON `commits`). Where `backup` or \
      `record` ran with --who, `transient` is what came and went between two commits, with who did it.

        treeline journal show documents --since '2h ago' --path '*.txt'
        treeline journal show documents --op remove,unlink --tail 20
        treeline journal show documents --json | jq -r .path

      WHEN is a commit's number, RFC 3339, a local date and time (2026-01-31 18:00), 2h ago, or \
      yesterday 18:00.
      """)

  @OptionGroup var journal: JournalArgument
  @OptionGroup var lines: LineFilterOptions
  @OptionGroup var range: RangeOptions
  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    var filter = lines.filter
    range.bound(&filter)
    let printer = LinePrinter(output)
    if let tail = range.tail {
      let lines = try JournalTail(journal: journal.directory(), filter: filter, limit: tail).lines
      for line in range.reverse ? lines.reversed() : lines { try printer.print(line) }
      return .done
    }
    let narration = try JournalNarration(journal: journal.directory(), filter: filter)
    guard range.reverse else {
      _ = try narration.tell { line throws(TreelineError) in try printer.print(line) }
      return .done
    }
    var all: [[UInt8]] = []
    _ = try narration.tell { line throws(TreelineError) in all.append(printer.bytes(line)) }
    for line in all.reversed() { try Output.standard.write(line) }
    return .done
  }
}
