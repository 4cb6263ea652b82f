import LinuxSystem
import SystemPackage

/// Hashes the content of files, however large, in one buffer. See ``ContentHash``.
struct ContentHasher: ~Copyable {
  /// One read takes this much.
  private static let bufferBytes = 512 << 10

  private let buffer: UnsafeMutableRawBufferPointer

  init() { buffer = .allocate(byteCount: Self.bufferBytes, alignment: 4096) }

  deinit { buffer.deallocate() }

  /// Hashes an open file.
  ///
  /// - Parameter didRead: is told after each read how many bytes it took, and may take its time.
  borrowing func hash(_ file: Int32, didRead: (Int) -> Void) throws(Errno) -> UInt64 {
    var hash = ContentHash()
    var at: Int64 = 0
    while let data = try nextData(file, from: at) {
      // Chunks are where they are, whatever the holes.
      at = max(at, data - data % Int64(ContentHash.chunkBytes))
      let count = try fill(file, at)
      if count == 0 { break }
      didRead(count)
      hash.take(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)), at: at)
      at += Int64(count)
      if count < buffer.count { break }
    }
    return hash.end(at: at)
  }

  private func nextData(_ file: Int32, from at: Int64) throws(Errno) -> Int64? {
    do throws(Errno) { return try FileBytes.nextData(file, from: at) } catch .invalidArgument {
      return at  // a filesystem that does not tell
    }
  }

  private borrowing func fill(_ file: Int32, _ at: Int64) throws(Errno) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = try FileBytes.read(file, at: at + Int64(done), into: rest)
      if count == 0 { break }
      done += count
    }
    return done
  }
}
