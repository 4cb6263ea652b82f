import ArgumentParser
import Treeline

struct FlushCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "flush",
    abstract: "Return when all that happened in the source so far is at the destination, synced.",
    discussion: """
      Settle times are waived. With `record` it means: durable in the journal. Exit code 3 lists what \
      never held still or failed, 4 says that the destination is away, 6 that the backup is halted.

        treeline flush && umount /mnt/disk
        treeline flush --timeout 30s home-ann-Documents
      """)

  @OptionGroup var journal: JournalArgument

  @Option(
    help: ArgumentHelp("Give up after this time, with exit code 1.", valueName: "duration"))
  var timeout: DurationArgument?

  @Flag(
    help:
      "Also look at the whole source for changes that nothing announced, such as stores into a mapping of a file that is still open."
  )
  var sweep = false

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let result = try journal.client().flush(timeout: timeout?.value, sweeps: sweep)
    if output.json {
      var json = JSONWriter()
      result.write(to: &json)
      json.newline()
      try Output.standard.write(json.bytes)
    }
    switch result {
    case .done(let sequence):
      if output.verbosity >= .verbose { complain("flushed up to commit \(sequence.rawValue)") }
    case .incomplete(let problems):
      for problem in problems { complain(problem.text) }
    case .unavailable(let why): complain("cannot flush: \(why)")
    case .halted(let why): complain("cannot flush, the backup is halted: \(why)")
    case .failed(let why): complain("cannot flush: \(why)")
    }
    return result.exitCode
  }
}
