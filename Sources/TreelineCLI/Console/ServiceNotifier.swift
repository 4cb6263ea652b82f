import Glibc
import LinuxSystem
import SystemPackage
import Treeline

/// Tells the service manager how things stand. See sd_notify(3).
final class ServiceNotifier: Sendable {
  private let socket: [UInt8]?
  /// Whether nobody has taken the message that we are ready; without it the manager waits, and in the end kills us.
  private let owesReady = Guarded(false)

  init() {
    socket = getenv("NOTIFY_SOCKET").map { path in
      Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
    }
  }

  func ready(_ status: String) {
    owesReady.with { $0 = true }
    self.status(status)
  }

  func status(_ status: String) {
    let isFirst = owesReady.with { $0 }
    if send((isFirst ? "READY=1\n" : "") + "STATUS=\(oneLine(status))"), isFirst { owesReady.with { $0 = false } }
  }

  func stopping() { send("STOPPING=1") }

  /// - Returns: whether it was taken.
  @discardableResult
  private func send(_ message: String) -> Bool {
    guard let socket else { return true }
    do throws(Errno) {
      let connection = try UnixSocket.messages(to: socket)
      try UnixSocket.setTimeout(connection.raw, milliseconds: 1000)
      try UnixSocket.send(connection.raw, Array(message.utf8))
      return true
    } catch {
      return false
    }
  }

  private func oneLine(_ text: String) -> String {
    text.replacing("\n", with: " ")
  }
}
