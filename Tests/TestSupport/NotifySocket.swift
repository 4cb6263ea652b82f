import Glibc

/// The receiving end of sd_notify(3).
package final class NotifySocket: Sendable {
  private let descriptor: Int32
  package let path: String

  package init(at path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8CString)
    guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
      throw TestSupportError("\(path) is too long for a socket")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { field in
      bytes.withUnsafeBytes { field.copyMemory(from: $0) }
    }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0 else { throw TestSupportError("cannot bind \(path): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// The next message, or nil when none came within the milliseconds.
  package func receive(within milliseconds: Int32) -> String? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let bytes = recv(descriptor, &buffer, buffer.count, 0)
    return bytes > 0 ? String(decoding: buffer.prefix(bytes), as: UTF8.self) : nil
  }
}
