/// A program that is killed at one of its system calls, as strace(1) does it.
package enum SystemCallKill {
  /// Whether it can be done here.
  package static let isPossible = (try? TestSupport.run(["strace", "-o", "/dev/null", "true"]))?.exitCode == 0

  /// Runs a program up to the `number`th call of a kind that any thread of it makes, or to its end.
  package static func run(_ program: [String], at kind: String, _ number: Int) throws -> CommandOutput {
    try TestSupport.run(
      ["strace", "-f", "-o", "/dev/null", "-e", "trace=\(kind)", "-e", "inject=\(kind):signal=KILL:when=\(number)"]
        + program)
  }
}
