import Foundation
import Glibc
import Synchronization

/// A child process, with its output in files of a directory of its own.
package final class Child: Sendable {
  private let process: Process
  private let directory: TemporaryDirectory
  private let input: Pipe
  private let lines: Pipe?
  private let ended = DispatchSemaphore(value: 0)
  private let started: ContinuousClock.Instant
  private let stopped = Mutex<ContinuousClock.Instant?>(nil)

  /// Starts a program. With `conversing`, standard output is read by ``readLine()`` and not kept.
  package init(
    _ arguments: [String], environment: [String: String] = [:], conversing: Bool = false
  ) throws {
    directory = try TemporaryDirectory()
    process = Process()
    process.executableURL = URL(fileURLWithPath: try Self.resolve(arguments[0]))
    process.arguments = Array(arguments.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    input = Pipe()
    process.standardInput = input
    lines = conversing ? Pipe() : nil
    let output = try lines == nil ? directory.create("out") : nil
    let errors = try directory.create("err")
    if let output { process.standardOutput = output } else { process.standardOutput = lines }
    process.standardError = errors
    started = .now
    let (ended, stopped) = (self.ended, self.stoppedRecorder)
    process.terminationHandler = { _ in
      stopped()
      ended.signal()
    }
    try Self.starting.withLock { try Self.withoutBlockedSignals { try process.run() } }
    // Foundation keeps a Process, and what is open for it, for long. With a thousand descriptors its look
    // through /proc/self/fd for the next child reads beyond a buffer, and crashes.
    try output?.close()
    try errors.close()
    try input.fileHandleForReading.close()
  }

  private static let starting = NSLock()

  /// Tests run on threads that block most signals, and a child inherits what is blocked: SIGTERM would never
  /// reach it.
  private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  private var stoppedRecorder: @Sendable () -> Void {
    { [weak self] in self?.stopped.withLock { $0 = .now } }
  }

  deinit {
    defer {
      try? input.fileHandleForWriting.close()
      try? lines?.fileHandleForReading.close()
    }
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  package var processID: Int32 { process.processIdentifier }
  package var isRunning: Bool { process.isRunning }
  package var standardOutput: String { directory.read("out") }
  package var standardError: String { directory.read("err") }
  package var duration: Duration { started.duration(to: stopped.withLock { $0 } ?? .now) }

  package func signal(_ number: Int32) {
    if process.isRunning { kill(process.processIdentifier, number) }
  }

  /// The exit code, minus the signal's number where one ended it; nil after `timeout`.
  package func wait(timeout: Duration) -> Int32? {
    let seconds = Double(timeout.components.seconds) + Double(timeout.components.attoseconds) / 1e18
    guard ended.wait(timeout: .now() + seconds) == .success else { return nil }
    ended.signal()  // so that a second call returns as well
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  /// Sends one newline.
  package func writeLine() {
    if process.isRunning { try? input.fileHandleForWriting.write(contentsOf: Data("\n".utf8)) }
  }

  /// The next line of standard output; nil at its end.
  package func readLine() -> String? {
    guard let lines else { return nil }
    var bytes: [UInt8] = []
    while let byte = try? lines.fileHandleForReading.read(upToCount: 1), let first = byte.first {
      if first == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(first)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static func resolve(_ program: String) throws -> String {
    if program.contains("/") { return program }
    guard let path = findTool(program) else { throw TestSupportError("\(program) is not installed") }
    return path
  }
}

/// The path of an installed program, also of those that only root's PATH has.
package func findTool(_ name: String) -> String? {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  return (path.split(separator: ":") + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"])
    .map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
}
