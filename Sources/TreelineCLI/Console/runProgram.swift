import ArgumentParser
import Treeline

/// A command that does something, and says with which code the program exits.
protocol Performing: ParsableCommand {
  func perform() throws(TreelineError) -> Treeline.ExitCode
}

/// Parses, performs, and says in one line what went wrong.
func runProgram(arguments: [String]) -> Treeline.ExitCode {
  do {
    var command = try RootCommand.parseAsRoot(arguments)
    guard let performing = command as? any Performing else {
      try command.run()  // a group of commands: its help
      return .done
    }
    let code = try performing.perform()
    try Output.standard.flush()
    return code
  } catch let error as TreelineError {
    try? Output.standard.flush()
    if !Output.standard.hasNoReader { complain(error.description) }
    return error.exitCode
  } catch {
    return explain(error)
  }
}

/// Shows what the parser has to say: help on standard output, a mistake on standard error.
private func explain(_ error: any Error) -> Treeline.ExitCode {
  let isHelp = RootCommand.exitCode(for: error).isSuccess
  let text = RootCommand.fullMessage(for: error)
  guard isHelp else {
    writeToStandardError(printableLines(text) + "\n")
    return .usage
  }
  do {
    try Output.standard.write(text + "\n")
    try Output.standard.flush()
    return .done
  } catch {
    complain(error.description)
    return .failed
  }
}

/// A line on standard error that names the program.
func complain(_ message: String) { writeToStandardError("treeline: \(message)\n") }

/// The parser quotes arguments: what they hold acts on no terminal.
private func printableLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { printable(ArgumentText.bytes(String($0))) }.joined(separator: "\n")
}
