import Glibc
import LinuxSystem
import SystemPackage

/// Answers the control socket of one journal, each client on a thread of its own, so that a client
/// that is slow or stuck delays nobody.
public final class ControlServer: Sendable {
  /// Clients served at once. Half of them are kept for root and the owner, so that nobody else can
  /// keep the owner out.
  static let clientsMax = 32
  static let strangersMax = 16
  /// How long a client may take to send its request, and to take the answer.
  static let patienceMilliseconds = 5000

  private struct Clients {
    var all = 0
    var strangers = 0
    var stopping = false
    /// Every connection, to be shut down at the end.
    var open: Set<Int32> = []
  }

  /// Where the socket is.
  public let path: [UInt8]
  private let handler: any ControlHandler
  private let listener: Descriptor
  private let clients = Guarded(Clients())
  private let owner = geteuid()

  /// Listens for the journal in an open directory, of which the caller holds the lock: a socket that
  /// a dead program left is replaced.
  public init(journal: Int32, handler: any ControlHandler) throws(TreelineError) {
    self.handler = handler
    var path = ControlPlace.ownDirectory
    do throws(Errno) {
      path = try ControlPlace.makeDirectory() + [0x2f] + ControlPlace.name(journal: journal)
      try Self.removeStale(path)
      listener = try UnixSocket.listen(at: path, waiting: 16)
      // The umask does not decide who may ask: the peer's credentials do.
      try withCString(path) { name throws(Errno) in
        let socket = try Descriptor.open(name, in: AT_FDCWD, .look)
        try AttributeCalls.setMode(socket.raw, 0o666)
      }
    } catch {
      throw TreelineError(
        "listen on the control socket", path: path, error,
        advice: "see that its directory exists and belongs to this user")
    }
    self.path = path
    _ = Thread("control") { [self] in
      pthread_detach(pthread_self())
      accept()
    }
  }

  /// Takes no more clients and ends those that are there; flushes under way are for the handler to
  /// end.
  public func stop() {
    clients.change { clients in
      clients.stopping = true
      for socket in clients.open { UnixSocket.shutDown(socket) }
    }
    withCString(path) { name in _ = try? Names.removeFile(name, in: AT_FDCWD) }
    UnixSocket.shutDown(listener.raw)
    let deadline = monotonicNanoseconds() + 2_000_000_000
    _ = clients.wait(until: deadline) { $0.all == 0 ? true : nil }
  }

  /// The caller holds the journal's lock, so whatever listened there is dead.
  private static func removeStale(_ path: [UInt8]) throws(Errno) {
    do throws(Errno) {
      try withCString(path) { name throws(Errno) in try Names.removeFile(name, in: AT_FDCWD) }
    } catch .noSuchFileOrDirectory {}
  }

  private func accept() {
    while !clients.with({ $0.stopping }) {
      let connection: Descriptor
      do throws(Errno) {
        connection = try UnixSocket.accept(listener.raw)
      } catch {
        if clients.with({ $0.stopping }) { return }
        // No descriptors, no memory: it passes. The listener stays readable, so do not spin.
        usleep(100_000)
        continue
      }
      let raw = connection.release()
      _ = Thread("client") { [self] in
        pthread_detach(pthread_self())
        let connection = Descriptor(owning: raw)
        serve(connection)
      }
    }
  }

  private func serve(_ connection: borrowing Descriptor) {
    let raw = connection.raw
    guard let peer = try? UnixSocket.peer(raw) else { return }
    let isOwner = peer.uid == 0 || peer.uid == owner
    let isWelcome = clients.with { clients in
      guard !clients.stopping, clients.all < Self.clientsMax,
        isOwner || clients.strangers < Self.strangersMax
      else { return false }
      clients.all += 1
      if !isOwner { clients.strangers += 1 }
      clients.open.insert(raw)
      return true
    }
    guard isWelcome else { return }
    defer {
      clients.change { clients in
        clients.all -= 1
        if !isOwner { clients.strangers -= 1 }
        clients.open.remove(raw)
      }
    }
    try? UnixSocket.setTimeout(raw, milliseconds: Self.patienceMilliseconds)
    guard let line = try? readLine(raw) else { return }
    try? UnixSocket.send(raw, answer(line, isOwner: isOwner))
  }

  /// One line of a bounded length, within a bounded time however slowly it drips.
  private func readLine(_ socket: Int32) throws(Errno) -> [UInt8]? {
    let deadline = monotonicNanoseconds() + UInt64(Self.patienceMilliseconds) * 1_000_000
    var line: [UInt8] = []
    while line.count < ControlRequest.byteCountMax, monotonicNanoseconds() < deadline {
      let more = try UnixSocket.receive(socket, limit: ControlRequest.byteCountMax)
      if more.isEmpty { return nil }
      line += more
      if let end = line.firstIndex(of: 0x0a) { return Array(line[..<end]) }
    }
    return nil
  }

  private func answer(_ line: [UInt8], isOwner: Bool) -> [UInt8] {
    var json = JSONWriter()
    switch ControlRequest(line) {
    case .status:
      let status = handler.status()
      (isOwner ? status : status.withoutPaths).write(to: &json)
    case .flush(let milliseconds, let sweeps):
      let deadline = milliseconds.map { wait in
        monotonicNanoseconds().addingReportingOverflow(
          wait.multipliedReportingOverflow(by: 1_000_000).partialValue
        ).partialValue
      }
      let result = handler.flush(deadline: deadline, sweeps: sweeps)
      (isOwner ? result : result.withoutPaths).write(to: &json)
    case .resume(let isDry):
      let result: ResumeResult =
        isOwner
        ? handler.resume(isDry: isDry)
        : .refused("only root, and the user who runs the backup, may decide that")
      result.write(to: &json)
    case .repair(let suspects):
      let answer: RepairAnswer =
        isOwner
        ? handler.repair(suspects)
        : .refused("only root, and the user who runs the backup, may ask for that")
      answer.write(to: &json)
    case nil:
      json.object { $0.member("error", "not a request that is understood") }
    }
    json.newline()
    return json.bytes
  }
}
