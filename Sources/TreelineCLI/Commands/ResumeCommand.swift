import ArgumentParser
import Treeline

struct ResumeCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Have a halted backup go on.",
    discussion: """
      A backup halts before it deletes more of the tree within an hour than --max-delete allows. This \
      says what it would do next, and has it do that. What is deleted later counts anew. Exit code 6 \
      says that it is still halted.

        treeline resume --dry-run     only say what would be done
        treeline resume home-ann-Documents
      """)

  @OptionGroup var journal: JournalArgument

  @Flag(help: "Say what would be done, and leave it halted.")
  var dryRun = false

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let result = try journal.client().resume(isDry: dryRun)
    if output.json {
      var json = JSONWriter()
      result.write(to: &json)
      json.newline()
      try Output.standard.write(json.bytes)
    }
    switch result {
    case .resumed(let what): if output.verbosity >= .normal { complain("goes on: this \(what)") }
    case .would(let what): complain("halted: to go on \(what)")
    case .notHalted: if output.verbosity >= .normal { complain("it is not halted") }
    case .refused(let why): complain("cannot go on: \(why)")
    }
    return result.exitCode
  }
}
