import CLinux
import Glibc
import SystemPackage

/// Unix sockets: the local ones, where the kernel vouches for who is at the other end.
/// See unix(7).
public enum UnixSocket {
  /// Who is at the other end. The corresponding C constant is SO_PEERCRED.
  public struct Peer: Sendable, Equatable {
    public let pid: Int32
    public let uid: UInt32
    public let gid: UInt32

    public init(pid: Int32, uid: UInt32, gid: UInt32) {
      self.pid = pid
      self.uid = uid
      self.gid = gid
    }
  }

  /// Makes a stream socket at a path where nothing is yet, and listens on it.
  ///
  /// - Throws: `ENAMETOOLONG` for a path of more than 107 bytes, `EADDRINUSE` where something is.
  public static func listen(at path: [UInt8], waiting: Int32) throws(Errno) -> Descriptor {
    let listener = try make(SOCK_STREAM)
    let raw = listener.raw
    try withCString(path) { text throws(Errno) in
      _ = try retrying { cl_unix_bind(raw, text, path.count) }
    }
    try retrying { cl_listen(raw, waiting) }
    return listener
  }

  /// Waits for the next connection. See accept(2).
  public static func accept(_ listener: Int32) throws(Errno) -> Descriptor {
    Descriptor(owning: try retrying { cl_accept(listener) })
  }

  /// Connects a stream socket.
  ///
  /// - Throws: `ECONNREFUSED` where nobody listens any more.
  public static func connect(to path: [UInt8]) throws(Errno) -> Descriptor {
    try connect(SOCK_STREAM, to: path)
  }

  /// A socket for single messages to `path`; a path that starts with `@` is an abstract one.
  public static func messages(to path: [UInt8]) throws(Errno) -> Descriptor {
    try connect(SOCK_DGRAM, to: path)
  }

  private static func make(_ type: __socket_type) throws(Errno) -> Descriptor {
    Descriptor(owning: try retrying { cl_unix_socket(Int32(type.rawValue)) })
  }

  private static func connect(
    _ type: __socket_type, to path: [UInt8]
  ) throws(Errno) -> Descriptor {
    let made = try make(type)
    let raw = made.raw
    try withCString(path) { text throws(Errno) in
      _ = try retrying { cl_unix_connect(raw, text, path.count) }
    }
    return made
  }

  public static func peer(_ socket: Int32) throws(Errno) -> Peer {
    var pid: Int32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    try retrying { cl_peer(socket, &pid, &uid, &gid) }
    return Peer(pid: pid, uid: uid, gid: gid)
  }

  /// Bounds how long one `send` or `receive` blocks; then they throw `EAGAIN`. 0 has no bound.
  public static func setTimeout(_ socket: Int32, milliseconds: Int) throws(Errno) {
    try retrying { cl_set_timeout(socket, milliseconds) }
  }

  /// Sends all bytes; a peer that is gone is `EPIPE` and never a signal.
  public static func send(_ socket: Int32, _ bytes: [UInt8]) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let sent = done
      done += try retrying {
        bytes.withUnsafeBytes { cl_send(socket, $0.baseAddress! + sent, $0.count - sent) }
      }
    }
  }

  /// Receives what is there, `limit` bytes at most; nothing when the peer has ended.
  public static func receive(_ socket: Int32, limit: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = try retrying {
      bytes.withUnsafeMutableBytes { cl_receive(socket, $0.baseAddress, limit) }
    }
    bytes.removeLast(limit - count)
    return bytes
  }

  /// Ends a connection, or wakes who waits in `accept`, while other threads use the socket.
  public static func shutDown(_ socket: Int32) { _ = cl_shutdown(socket) }
}
