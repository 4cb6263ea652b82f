import Glibc
import LinuxSystem
import SystemPackage

extension JournalDirectory {
  /// Replaces a small file in one step, and makes it durable.
  func replace(_ name: String, with bytes: [UInt8]) throws(JournalError) {
    let temporaryName = name + ".new"
    try? Names.removeFile(temporaryName, in: descriptor.raw)
    let file = try open(temporaryName, O_RDWR | O_CREAT | O_EXCL)
    do throws(Errno) {
      try FileBytes.write(file.raw, at: 0, bytes)
      try FileBytes.sync(file.raw)
    } catch {
      throw .io(error, doing: "write", file: name)
    }
    try rename(temporaryName, to: name)
  }
}
