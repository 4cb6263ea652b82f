import LinuxSystem
import SystemPackage
import Glibc

/// Whether two open files have the same bytes.
func equalContent(_ a: Int32, _ b: Int32) throws(Errno) -> Bool {
  let chunkBytes = 256 << 10
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * chunkBytes, alignment: 4096)
  defer { buffer.deallocate() }
  let first = UnsafeMutableRawBufferPointer(rebasing: buffer[..<chunkBytes])
  let second = UnsafeMutableRawBufferPointer(rebasing: buffer[chunkBytes...])
  var at: Int64 = 0
  while true {
    let count = try readFully(a, at, first)
    guard try readFully(b, at, second) == count else { return false }
    if count == 0 { return true }
    if memcmp(first.baseAddress!, second.baseAddress!, count) != 0 { return false }
    at += Int64(count)
  }
}

private func readFully(
  _ descriptor: Int32, _ at: Int64, _ buffer: UnsafeMutableRawBufferPointer
) throws(Errno) -> Int {
  var done = 0
  while done < buffer.count {
    let count = try FileBytes.read(
      descriptor, at: at + Int64(done),
      into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
    if count == 0 { break }
    done += count
  }
  return done
}
