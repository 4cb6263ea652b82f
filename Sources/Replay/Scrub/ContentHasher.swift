import Glibc
import Journal
import LinuxSystem
import SystemPackage

/// Hashes the content of files, however large, in one buffer.
///
/// The content is taken in chunks of 64 KiB. Each that is not all zeros is hashed with XXH64, seeded with the
/// value before it and with its place; chunks of zeros are skipped, be they holes or written. So the value does
/// not depend on where a filesystem keeps holes, and a tebibyte of them costs nothing.
struct ContentHasher: ~Copyable {
  private static let chunkBytes = 64 << 10
  /// One read takes this much.
  private static let bufferBytes = 512 << 10

  private let buffer: UnsafeMutableRawBufferPointer

  init() { buffer = .allocate(byteCount: Self.bufferBytes, alignment: 4096) }

  deinit { buffer.deallocate() }

  /// Hashes an open file.
  ///
  /// - Parameter didRead: is told after each read how many bytes it took, and may take its time.
  borrowing func hash(_ file: Int32, didRead: (Int) -> Void) throws(Errno) -> UInt64 {
    var hash: UInt64 = 0
    var at: Int64 = 0
    while let data = try nextData(file, from: at) {
      // Chunks are where they are, whatever the holes.
      at = max(at, data - data % Int64(Self.chunkBytes))
      let count = try fill(file, at)
      if count == 0 { break }
      didRead(count)
      hash = fold(hash, at, count)
      at += Int64(count)
      if count < buffer.count { break }
    }
    return hash
  }

  private borrowing func fold(_ start: UInt64, _ at: Int64, _ count: Int) -> UInt64 {
    var hash = start
    var offset = 0
    while offset < count {
      let end = min(offset + Self.chunkBytes, count)
      let chunk = UnsafeRawBufferPointer(rebasing: buffer[offset..<end])
      if !Self.isZero(chunk) {
        let place = UInt64(at + Int64(offset)) / UInt64(Self.chunkBytes)
        hash = XXH64.hash(chunk, seed: hash &+ place &* 0x9E37_79B9_7F4A_7C15 &+ 1)
      }
      offset = end
    }
    return hash
  }

  private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes[0] == 0 && memcmp(bytes.baseAddress!, bytes.baseAddress! + 1, bytes.count - 1) == 0
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
