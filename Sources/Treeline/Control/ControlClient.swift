import Glibc
import LinuxSystem
import SystemPackage

/// Asks a running backup or recording; each request is a connection of its own.
public struct ControlClient: Sendable {
  /// Where the socket is.
  public let path: [UInt8]

  /// The program that writes the journal in a directory.
  ///
  /// - Throws: `.unavailable` where no program writes it.
  public init(journal: [UInt8]) throws(TreelineError) {
    let name: [UInt8]
    do throws(Errno) {
      let directory = try withCString(journal) { text throws(Errno) in
        try Descriptor.open(text, in: AT_FDCWD, .given)
      }
      name = try ControlPlace.name(journal: directory.raw)
    } catch {
      throw TreelineError(
        "find the journal", path: journal, error, advice: "`treeline journal list` shows those known")
    }
    for directory in ControlPlace.directories {
      let path = directory + [0x2f] + name
      if Self.isAnswered(path) {
        self.path = path
        return
      }
    }
    throw TreelineError(
      "reach what writes the journal", path: journal, why: "nothing does",
      advice: "start `treeline backup` or `treeline record`", exitCode: .unavailable)
  }

  /// The only program that runs.
  ///
  /// - Throws: `.unavailable` where none runs, `.usage` where several do.
  public static func onlyOne() throws(TreelineError) -> ControlClient {
    let running = all()
    guard let first = running.first else {
      throw TreelineError(
        "reach a backup", why: "none runs", advice: "start `treeline backup` or `treeline record`",
        exitCode: .unavailable)
    }
    guard running.count == 1 else {
      throw TreelineError(
        "choose a backup", why: "\(running.count) run",
        advice: "name the journal; `treeline journal list` shows them", exitCode: .usage)
    }
    return first
  }

  /// Every program that answers.
  public static func all() -> [ControlClient] {
    var found: [ControlClient] = []
    for directory in ControlPlace.directories {
      for name in (try? names(in: directory)) ?? [] where name.suffix(5).elementsEqual(ControlPlace.suffix) {
        let path = directory + [0x2f] + name
        if isAnswered(path) { found.append(ControlClient(path: path)) }
      }
    }
    return found
  }

  private init(path: [UInt8]) { self.path = path }

  private static func isAnswered(_ path: [UInt8]) -> Bool {
    (try? UnixSocket.connect(to: path)) != nil
  }

  private static func names(in path: [UInt8]) throws -> [[UInt8]] {
    let directory = try withCString(path) { text throws(Errno) in
      try Descriptor.open(text, in: AT_FDCWD, .list)
    }
    var names: [[UInt8]] = []
    let reader = DirectoryReader()
    try reader.forEach(in: directory.raw) { (name, _, _) throws(Errno) in
      names.append(Array(UnsafeRawBufferPointer(start: name, count: strlen(name))))
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// How things stand.
  public func status() throws(TreelineError) -> Status {
    guard let status = Status(try ask(.status, patienceMilliseconds: 10_000)) else {
      throw unintelligible
    }
    return status
  }

  /// Waits until all that happened before the call has arrived.
  ///
  /// - Parameters:
  ///   - timeout: nil waits for as long as it takes.
  ///   - sweeps: whether the whole tree is looked at for what nothing announced.
  public func flush(timeout: Duration?, sweeps: Bool = false) throws(TreelineError) -> FlushResult {
    let wait = timeout.map { limit in
      UInt64(max(0, limit.components.seconds)) * 1000
        + UInt64(max(0, limit.components.attoseconds) / 1_000_000_000_000_000)
    }
    let request = ControlRequest.flush(milliseconds: wait, sweeps: sweeps)
    // The server keeps the time; a little more is for its answer.
    let patience = wait.map { Int(clamping: $0) + 10_000 } ?? 0
    guard let result = FlushResult(try ask(request, patienceMilliseconds: patience)) else {
      throw unintelligible
    }
    return result
  }

  /// Has what is halted go on.
  ///
  /// - Parameter isDry: whether it is only to say what it would do.
  public func resume(isDry: Bool) throws(TreelineError) -> ResumeResult {
    let answer = try ask(.resume(isDry: isDry), patienceMilliseconds: 10_000)
    guard let result = ResumeResult(answer) else { throw unintelligible }
    return result
  }

  /// Has suspects looked at once more, and repaired; as many as a request holds.
  public func repair(_ suspects: [RepairSuspect]) throws(TreelineError) -> RepairAnswer {
    let answer = try ask(.repair(suspects), patienceMilliseconds: 0)
    guard let result = RepairAnswer(answer) else { throw unintelligible }
    return result
  }

  private func ask(
    _ request: ControlRequest, patienceMilliseconds: Int
  ) throws(TreelineError) -> JSONValue {
    var answer: [UInt8] = []
    do throws(Errno) {
      let connection = try UnixSocket.connect(to: path)
      try UnixSocket.setTimeout(connection.raw, milliseconds: patienceMilliseconds)
      try UnixSocket.send(connection.raw, request.line)
      while answer.last != 0x0a {
        let more = try UnixSocket.receive(connection.raw, limit: 65_536)
        if more.isEmpty { break }
        answer += more
      }
    } catch {
      throw TreelineError(
        "ask the running program", path: path, error, advice: "see whether it still runs",
        exitCode: error == .connectionRefused || error == .noSuchFileOrDirectory
          ? .unavailable : .failed)
    }
    guard answer.last == 0x0a, let json = JSONValue(answer) else {
      throw TreelineError(
        "ask the running program", path: path, why: "it ended before it answered",
        exitCode: .unavailable)
    }
    return json
  }

  private var unintelligible: TreelineError {
    TreelineError(
      "ask the running program", path: path, why: "its answer is not understood",
      advice: "restart it if it is of another version")
  }
}
