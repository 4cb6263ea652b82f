import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing
import Tree
import Treeline

/// Answers what it is told to answer.
private final class Answers: ControlHandler {
  let current: Status
  let result: FlushResult
  let gate: Guarded<Bool>?

  init(_ status: Status, _ result: FlushResult, gate: Guarded<Bool>? = nil) {
    current = status
    self.result = result
    self.gate = gate
  }

  func status() -> Status { current }

  func flush(deadline: UInt64?, sweeps: Bool) -> FlushResult {
    if let gate { _ = gate.wait(until: deadline) { $0 ? true : nil } }
    return result
  }

  func resume(isDry: Bool) -> ResumeResult {
    isDry ? .would("removes \u{1b} all") : .resumed("removes all")
  }
}

@Suite(.serialized)
final class ControlTests {
  private let directory: TemporaryDirectory
  private let opened: Descriptor

  init() throws {
    directory = try TemporaryDirectory()
    opened = try Descriptor.open(path: directory.path, O_RDONLY)
  }

  private var path: [UInt8] { Array(directory.path.utf8) }

  private var example: Status {
    var status = Status(
      state: .following, source: [0x2f, 0xff], destination: Array("/d".utf8), journal: path,
      mark: "filesystem", captured: Sequence(7), applied: Sequence(6))
    status.lagSeconds = 1.25
    status.pendingObjects = 3
    status.errors = [Status.Problem(path: Array("a\n".utf8), message: "no \"space\"")]
    status.sweepPercent = 0.5
    status.sweepEnded = Timestamp(seconds: 1_700_000_000, nanoseconds: 5)
    status.readySeconds = 0.5
    return status
  }

  @Test func aStatusIsReadBackAsItWasGiven() throws {
    let server = try ControlServer(journal: opened.raw, handler: Answers(example, .done(.zero)))
    defer { server.stop() }
    #expect(try ControlClient(journal: path).status() == example)
  }

  @Test(arguments: [
    FlushResult.done(Sequence(9)), .unavailable("away"), .halted("empty"), .failed("late"),
    .incomplete([Status.Problem(path: [0x61, 0x80], message: "busy")]),
  ])
  func aFlushIsAnswered(result: FlushResult) throws {
    let server = try ControlServer(journal: opened.raw, handler: Answers(example, result))
    defer { server.stop() }
    #expect(try ControlClient(journal: path).flush(timeout: .seconds(5)) == result)
  }

  @Test func aDecisionIsAnswered() throws {
    let server = try ControlServer(journal: opened.raw, handler: Answers(example, .done(.zero)))
    defer { server.stop() }
    let client = try ControlClient(journal: path)
    #expect(try client.resume(isDry: true) == .would("removes \u{1b} all"))
    #expect(try client.resume(isDry: false) == .resumed("removes all"))
  }

  @Test func aWaitingClientDelaysNobody() throws {
    let gate = Guarded(false)
    let server = try ControlServer(
      journal: opened.raw, handler: Answers(example, .done(Sequence(1)), gate: gate))
    defer { server.stop() }
    let client = try ControlClient(journal: path)
    let silent = try UnixSocket.connect(to: server.path)
    let flush = Thread("flush") { _ = try? client.flush(timeout: nil) }
    for _ in 0..<50 { #expect(try client.status() == example) }
    gate.change { $0 = true }
    flush.join()
    _ = silent.raw
  }

  @Test(arguments: ["\n", "{}\n", "{\"ask\":\"everything\"}\n", "\u{1}\u{2}\n", "[[[[\n"])
  func nonsenseIsAnsweredWithAnError(request: String) throws {
    let server = try ControlServer(journal: opened.raw, handler: Answers(example, .done(.zero)))
    defer { server.stop() }
    let connection = try UnixSocket.connect(to: server.path)
    try UnixSocket.send(connection.raw, Array(request.utf8))
    let answer = try UnixSocket.receive(connection.raw, limit: 4096)
    #expect(JSONValue(answer)?["error"].string != nil)
  }

  @Test func aRequestWithoutEndIsNotKept() throws {
    let server = try ControlServer(journal: opened.raw, handler: Answers(example, .done(.zero)))
    defer { server.stop() }
    let connection = try UnixSocket.connect(to: server.path)
    do throws(Errno) {
      for _ in 0..<10 { try UnixSocket.send(connection.raw, .init(repeating: 0x61, count: 4096)) }
    } catch {}
    #expect((try? UnixSocket.receive(connection.raw, limit: 1)) ?? [] == [])
  }

  @Test func withoutAServerThereIsNobodyToAsk() throws {
    let server = try ControlServer(journal: opened.raw, handler: Answers(example, .done(.zero)))
    server.stop()
    let error = #expect(throws: TreelineError.self) { try ControlClient(journal: path) }
    #expect(error?.exitCode == .unavailable)
  }

  @Test func whatADeadServerLeftIsReplaced() throws {
    let server = try ControlServer(journal: opened.raw, handler: Answers(example, .done(.zero)))
    let again = try ControlServer(
      journal: opened.raw, handler: Answers(example, .done(Sequence(2))))
    #expect(try ControlClient(journal: path).flush(timeout: nil) == .done(Sequence(2)))
    again.stop()
    server.stop()
  }
}
