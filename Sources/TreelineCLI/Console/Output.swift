import Glibc
import LinuxSystem
import SystemPackage
import Treeline

/// Standard output: buffered, and a failure to write is an error of the command.
final class Output: Sendable {
  static let standard = Output()

  /// Whether a person looks at it.
  let isTerminal = isatty(STDOUT_FILENO) == 1
  /// Whether its reader has gone: then nobody wants to be told either.
  var hasNoReader: Bool { readerIsGone.with { $0 } }
  private let readerIsGone = Guarded(false)
  private let buffer = Guarded<[UInt8]>([])
  private static let bufferBytes = 64 * 1024

  func write(_ text: String) throws(TreelineError) { try write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) throws(TreelineError) {
    let isFull = buffer.with { buffer in
      buffer += bytes
      return buffer.count >= Self.bufferBytes
    }
    if isFull { try flush() }
  }

  /// Writes what is buffered.
  ///
  /// - Throws: with `EPIPE` when the reader has gone.
  func flush() throws(TreelineError) {
    do throws(Errno) {
      try buffer.with { buffer throws(Errno) in
        defer { buffer.removeAll(keepingCapacity: true) }
        var done = 0
        while done < buffer.count {
          let count = buffer.withUnsafeBytes {
            Glibc.write(STDOUT_FILENO, $0.baseAddress! + done, $0.count - done)
          }
          if count > 0 { done += count } else if errno != EINTR { throw Errno(rawValue: errno) }
        }
      }
    } catch {
      if error == .brokenPipe { readerIsGone.with { $0 = true } }
      throw TreelineError("write to standard output", error)
    }
  }

  /// How wide the terminal is; nil where there is none.
  var columns: Int? { isTerminal ? terminalColumns(STDOUT_FILENO) ?? 80 : nil }

  /// Writes what is buffered and closes, so that nothing can fail any more; what goes to a file is synced.
  func close() throws(TreelineError) {
    try flush()
    var status = stat()
    let isFile = fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    if isFile && fsync(STDOUT_FILENO) != 0 || Glibc.close(STDOUT_FILENO) != 0 {
      throw TreelineError("write to standard output", Errno(rawValue: errno))
    }
  }

  /// Waits, and ends early with false when nobody reads the output any more.
  func waitWhileRead(milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    // A file or a terminal never says so; then this only waits.
    return poll(&entry, 1, milliseconds) <= 0
      || entry.revents & Int16(POLLERR | POLLHUP | POLLNVAL) == 0
  }
}

/// How wide a terminal is; nil where that cannot be found out.
func terminalColumns(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}

/// Writes at once; where that fails there is nobody left to tell.
func writeToStandardError(_ text: String) {
  let bytes = Array(text.utf8)
  var done = 0
  while done < bytes.count {
    let count = bytes.withUnsafeBytes {
      Glibc.write(STDERR_FILENO, $0.baseAddress! + done, $0.count - done)
    }
    if count > 0 { done += count } else if count == 0 || errno != EINTR { return }
  }
}
