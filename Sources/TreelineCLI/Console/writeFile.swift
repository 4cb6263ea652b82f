import Glibc
import LinuxSystem
import SystemPackage
import Treeline

/// Writes a file that only its owner may read, for a journal tells of what only its owner may see. It
/// appears whole or not at all; what stood there is replaced, where that is a file.
func writeFile(_ path: [UInt8], _ bytes: [UInt8]) throws(TreelineError) {
  let start = path.lastIndex(of: 0x2f).map { $0 + 1 } ?? 0
  let draft = Array(path[..<start]) + Array(".treeline-\(getpid())-".utf8) + [0x6e, 0x65, 0x77]
  do throws(Errno) {
    let name = draft.map { CChar(bitPattern: $0) } + [0]
    let final = path.map { CChar(bitPattern: $0) } + [0]
    var status = stat()
    if lstat(final, &status) == 0, status.st_mode & S_IFMT != S_IFREG { throw Errno.fileExists }
    let file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw Errno(rawValue: errno) }
    var done = 0
    var failure: Errno? = nil
    while done < bytes.count, failure == nil {
      let count = bytes.withUnsafeBytes { write(file, $0.baseAddress! + done, $0.count - done) }
      if count > 0 { done += count } else if errno != EINTR { failure = Errno(rawValue: errno) }
    }
    if close(file) != 0, failure == nil { failure = Errno(rawValue: errno) }
    if failure == nil, rename(name, final) != 0 { failure = Errno(rawValue: errno) }
    if let failure {
      unlink(name)
      throw failure
    }
  } catch {
    throw TreelineError("write", path: path, error)
  }
}
