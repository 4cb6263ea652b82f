import Foundation
import Glibc

/// A program that was run to its end.
package struct CommandOutput: Sendable, CustomStringConvertible {
  package let arguments: [String]
  package let exitCode: Int32
  package let standardOutput: String
  package let standardError: String
  package let duration: Duration

  package var description: String {
    "`\(arguments.joined(separator: " "))` ended with \(exitCode) after \(duration)\n"
      + standardOutput.suffix(6000) + standardError.suffix(6000)
  }
}

/// What goes wrong around a test, as opposed to in it.
package struct TestSupportError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// Runs a program and waits for it; after `timeout` it is killed and the call throws.
///
/// A program without a slash is looked up in `PATH`. Output goes through files, so that a program that
/// prints much never waits for its reader.
@discardableResult
package func run(
  _ arguments: [String], timeout: Duration = .seconds(120), environment: [String: String] = [:]
) throws -> CommandOutput {
  let child = try Child(arguments, environment: environment)
  guard let exitCode = child.wait(timeout: timeout) else {
    child.signal(SIGKILL)
    _ = child.wait(timeout: .seconds(10))
    throw TestSupportError(
      "`\(arguments.joined(separator: " "))` was not done after \(timeout)\n\(child.standardError.suffix(6000))")
  }
  return CommandOutput(
    arguments: arguments, exitCode: exitCode, standardOutput: child.standardOutput,
    standardError: child.standardError, duration: child.duration)
}

/// Runs a program that must end with 0.
@discardableResult
package func succeed(_ arguments: [String], timeout: Duration = .seconds(120)) throws -> CommandOutput {
  let output = try run(arguments, timeout: timeout)
  guard output.exitCode == 0 else { throw TestSupportError(output.description) }
  return output
}
