import ArgumentParser
import Journal
import LinuxSystem
import Treeline

struct JournalCompactCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Make a journal smaller: commits become their net change.",
    discussion: """
      A net change forgets the order of its commits, what came and went between them, and who had a part \
      in that; `journal show` says of how many commits a line is the net. Commits that a cursor or a \
      checkpoint names, and those with marks, stay points of their own. The newest segment, and what a \
      program is writing meanwhile, is left alone. A program that writes does the same by itself, by the \
      hour, with what is older than a day.

        treeline journal compact documents
        treeline journal compact --span 1d documents
      """)

  @Argument(help: "The journal's directory, or its name as `treeline journal list` shows it.")
  var journal: PathArgument

  @Option(
    help: ArgumentHelp(
      "Keep commits apart that lie further apart than this; otherwise all become one that can.",
      valueName: "duration"))
  var span: DurationArgument?

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try JournalPlace.find(journal.bytes)
    let policy = JournalCompaction.Policy(spanSeconds: span.map { max($0.value.components.seconds, 1) })
    let outcome: JournalCompaction.Outcome
    do throws(JournalError) {
      outcome = try JournalCompaction.run(at: path, policy, now: .now())
      // Commits stand elsewhere now.
      try JournalIndex.build(at: path)
    } catch {
      throw TreelineError(error, journal: path)
    }
    if output.json {
      var json = JSONWriter()
      json.object {
        $0.member("segments", UInt64(outcome.segmentCount))
        $0.member("commits_before", outcome.commitsBefore)
        $0.member("commits_after", outcome.commitsAfter)
        $0.member("bytes_before", outcome.bytesBefore)
        $0.member("bytes_after", outcome.bytesAfter)
      }
      json.newline()
      try Output.standard.write(json.bytes)
    } else if output.verbosity >= .normal {
      complain(
        outcome.segmentCount == 0
          ? "\(printable(path)): no segment became smaller"
          : "\(printable(path)): \(outcome.segmentCount) segments with \(outcome.commitsBefore) commits and "
            + "\(sizeText(outcome.bytesBefore)) have \(outcome.commitsAfter) and \(sizeText(outcome.bytesAfter)) now")
    }
    return .done
  }
}
