import Glibc

/// A running `treeline backup` or `treeline record`.
package final class TreelineProcess: Sendable {
  package let journal: String
  private let child: Child
  private let notifications: NotifySocket
  private let directory: TemporaryDirectory
  private let through: [String]

  /// Starts `treeline ARGUMENTS --journal JOURNAL` and does not wait for it to be ready.
  ///
  /// - Parameter through: what runs it, as another user say.
  package init(
    _ arguments: [String], journal: String, environment: [String: String] = [:],
    through: [String] = []
  ) throws {
    self.journal = journal
    directory = try TemporaryDirectory()
    notifications = try NotifySocket(at: directory["notify"])
    self.through = through
    if !through.isEmpty {
      chmod(directory.path, 0o711)
      chmod(notifications.path, 0o666)
    }
    child = try Child(
      through + [Products.treeline] + arguments + ["--journal", journal],
      environment: environment.merging(["NOTIFY_SOCKET": notifications.path]) { old, _ in old })
  }

  package var processID: Int32 { child.processID }
  package var isRunning: Bool { child.isRunning }
  package var errorOutput: String { child.standardError }

  /// Returns once the first scan is done and changes are followed.
  package func waitUntilReady(timeout: Duration = .seconds(180)) throws {
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
      // The wait for a message ends early now and then to see whether anyone is left to send one.
      if let message = notifications.receive(within: 200) {
        if message.split(separator: "\n").contains("READY=1") { return }
      } else if !child.isRunning {
        throw TestSupportError("treeline ended before it was ready:\n\(errorOutput.suffix(6000))")
      }
    }
    throw TestSupportError("treeline was not ready after \(timeout):\n\(errorOutput.suffix(6000))")
  }

  /// Returns when all that happened in the source before the call is at the destination; as JSON it says up to
  /// which commit.
  @discardableResult
  package func flush(timeout: Duration = .seconds(300)) throws -> CommandOutput {
    let output = try run(through + [Products.treeline, "flush", journal, "--json"], timeout: timeout)
    guard output.exitCode == 0 else {
      throw TestSupportError("\(output)\nbackup said:\n\(errorOutput.suffix(6000))")
    }
    return output
  }

  /// Ends it as a power cut would end the program, and returns when it is gone.
  package func kill9() {
    child.signal(SIGKILL)
    _ = child.wait(timeout: .seconds(30))
  }

  /// Asks it to stop, and returns its exit code.
  package func terminate(timeout: Duration = .seconds(60)) throws -> Int32 {
    child.signal(SIGTERM)
    guard let code = child.wait(timeout: timeout) else {
      throw TestSupportError("treeline did not stop within \(timeout):\n\(errorOutput.suffix(6000))")
    }
    return code
  }

  /// Stops it for a while (SIGSTOP) or lets it go on (SIGCONT).
  package func send(_ signal: Int32) { child.signal(signal) }
}
