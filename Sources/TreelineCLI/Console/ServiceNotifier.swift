import Glibc
import LinuxSystem
import Treeline

/// Tells the service manager how things stand. See sd_notify(3).
struct ServiceNotifier: Sendable {
  private let socket: [UInt8]?

  init() {
    socket = getenv("NOTIFY_SOCKET").map { path in
      Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
    }
  }

  func ready(_ status: String) { send("READY=1\nSTATUS=\(oneLine(status))") }
  func status(_ status: String) { send("STATUS=\(oneLine(status))") }
  func stopping() { send("STOPPING=1") }

  /// Nothing depends on whether the message arrives.
  private func send(_ message: String) {
    guard let socket, let connection = try? UnixSocket.messages(to: socket) else { return }
    try? UnixSocket.setTimeout(connection.raw, milliseconds: 1000)
    try? UnixSocket.send(connection.raw, Array(message.utf8))
  }

  private func oneLine(_ text: String) -> String {
    text.replacing("\n", with: " ")
  }
}
