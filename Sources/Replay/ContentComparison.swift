import LinuxSystem
import SystemPackage
import Glibc

/// Whether two open files have the same bytes. What is a hole in both is not read.
func equalContent(_ a: Int32, _ b: Int32) throws(Errno) -> Bool {
  let chunkBytes = 256 << 10
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * chunkBytes, alignment: 4096)
  defer { buffer.deallocate() }
  let first = UnsafeMutableRawBufferPointer(rebasing: buffer[..<chunkBytes])
  let second = UnsafeMutableRawBufferPointer(rebasing: buffer[chunkBytes...])
  var at: Int64 = 0
  while true {
    guard let data = try nextData(a, b, from: at) else {
      return try FileStatus.of(a).sizeBytes == FileStatus.of(b).sizeBytes
    }
    at = data
    let count = try readFully(a, at, first)
    guard try readFully(b, at, second) == count else { return false }
    if count == 0 { return true }
    if memcmp(first.baseAddress!, second.baseAddress!, count) != 0 { return false }
    at += Int64(count)
  }
}

/// Where either has data, at or after an offset; nil when only holes follow in both, or nothing.
private func nextData(_ a: Int32, _ b: Int32, from at: Int64) throws(Errno) -> Int64? {
  do throws(Errno) {
    let first = try FileBytes.nextData(a, from: at)
    if first == at { return at }
    guard let second = try FileBytes.nextData(b, from: at) else { return first }
    return min(first ?? second, second)
  } catch .invalidArgument {
    return at  // a filesystem that does not tell
  }
}

/// Reads as many bytes as the buffer has; fewer only at the end of the file.
func readFully(
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
