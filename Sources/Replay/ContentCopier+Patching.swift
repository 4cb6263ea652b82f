import Glibc
import LinuxSystem
import SystemPackage

/// A large file that changed a little: its new content begins as the blocks of a file that it resembles, and
/// only what differs is written.
extension ContentCopier {
  /// From this size on; below it, to write a file is as cheap as to read its copy.
  static var patchBytesMin: Int64 { 1 << 20 }
  /// What is written where something differs: the blocks of every filesystem that shares any.
  private static var pieceBytes: Int { 4096 }

  /// Makes an empty file share all blocks of another.
  ///
  /// - Returns: false where the two cannot.
  func share(_ basis: Int32, with file: Int32) throws(CopyError) -> Bool {
    do throws(Errno) {
      try FileBytes.clone(from: basis, to: file)
      return true
    } catch {
      if isFatal(error) { throw .writing(error) }
      return false
    }
  }

  /// Brings a file that only we write to the content, the holes and the size of another.
  ///
  /// It is compared with itself and never with what it was made from: that may change meanwhile.
  ///
  /// - Parameter size: of the other, at the start.
  /// - Returns: whether anything was written.
  mutating func patch(from: Int32, to: Int32, _ size: Int64) throws(CopyError) -> Bool {
    var isChanged = false
    do throws(Errno) {
      if try FileStatus.of(to).sizeBytes != UInt64(size) {
        try FileBytes.setSize(to, bytes: size)
        isChanged = true
      }
    } catch {
      throw .writing(error)
    }
    FileBytes.willReadInOrder(from)
    FileBytes.willReadInOrder(to)
    var pace = PatchPace()
    var at: Int64 = 0
    while at < size {
      let data = try nextPiece(of: from, at, size)
      if try clear(to, at, data.lowerBound) { isChanged = true }
      if try patchData(from: from, to: to, data, &pace) { isChanged = true }
      at = data.upperBound
    }
    return isChanged
  }

  /// The next data of the source, in whole pieces; what lies before it is a hole. Empty at the end.
  private func nextPiece(of file: Int32, _ at: Int64, _ size: Int64) throws(CopyError) -> Range<Int64> {
    let mask = Int64(Self.pieceBytes - 1)
    do throws(Errno) {
      guard let data = try FileBytes.nextData(file, from: at), data < size else { return size..<size }
      let hole = max(data + 1, try FileBytes.nextHole(file, from: data))
      return max(at, data & ~mask)..<min(size, (hole + mask) & ~mask)
    } catch .noSuchAddressOrDevice {
      return size..<size  // truncated meanwhile: the look afterwards tells
    } catch .invalidArgument {
      return at..<size  // a filesystem that does not tell
    } catch {
      throw .reading(error)
    }
  }

  /// Makes a range a hole where it has data.
  private func clear(_ file: Int32, _ start: Int64, _ end: Int64) throws(CopyError) -> Bool {
    var isChanged = false
    var at = start
    do throws(Errno) {
      while at < end, let data = try FileBytes.nextData(file, from: at), data < end {
        at = min(end, try FileBytes.nextHole(file, from: data))
        try FileBytes.punchHole(file, at: data, bytes: at - data)
        isChanged = true
      }
    } catch {
      throw .writing(error)
    }
    return isChanged
  }

  private mutating func patchData(
    from: Int32, to: Int32, _ range: Range<Int64>, _ pace: inout PatchPace
  ) throws(CopyError) -> Bool {
    let half = buffer.count / 2
    let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<half])
    let present = UnsafeMutableRawBufferPointer(rebasing: buffer[half...])
    var isChanged = false
    var at = range.lowerBound
    // Up to where the file is known to have data.
    var dataEnd = at
    while at < range.upperBound {
      if at >= dataEnd {
        let data = try nextData(of: to, at, range.upperBound)
        dataEnd = data.end
        if at < data.start {
          try copyRange(from: from, to: to, at, data.start)
          isChanged = true
          at = data.start
          continue
        }
      }
      if at < pace.plainEnd {
        let end = min(range.upperBound, pace.plainEnd)
        try copyRange(from: from, to: to, at, end)
        isChanged = true
        at = end
        continue
      }
      // To where a chunk of the hash ends.
      let rest = Int64(half) - at % Int64(ContentHash.chunkBytes)
      let bytes = Int(min(rest, min(dataEnd, range.upperBound) - at))
      let count: Int
      do { count = try readFully(from, at, UnsafeMutableRawBufferPointer(rebasing: wanted[..<bytes])) } catch {
        throw .reading(error)
      }
      if count == 0 { return true }  // truncated meanwhile: the look afterwards tells
      hash(UnsafeRawBufferPointer(rebasing: wanted[..<count]), at: at)
      var written = count
      do throws(Errno) {
        if try readFully(to, at, UnsafeMutableRawBufferPointer(rebasing: present[..<count])) == count {
          written = try write(UnsafeRawBufferPointer(wanted), present: UnsafeRawBufferPointer(present), count, to, at)
        } else {
          try FileBytes.write(to, at: at, UnsafeRawBufferPointer(rebasing: wanted[..<count]))
        }
      } catch {
        throw .writing(error)
      }
      if written > 0 { isChanged = true }
      at += Int64(count)
      onCopied?(UInt64(count))
      pace.note(at, compared: count, written: written)
    }
    return isChanged
  }

  /// Where the file's next data starts, and where it ends; both at the limit where only a hole follows.
  private func nextData(
    of file: Int32, _ at: Int64, _ limit: Int64
  ) throws(CopyError) -> (start: Int64, end: Int64) {
    do throws(Errno) {
      guard let data = try FileBytes.nextData(file, from: at), data < limit else { return (limit, limit) }
      return (data, try FileBytes.nextHole(file, from: data))
    } catch {
      throw .writing(error)
    }
  }

  /// Writes the pieces of `wanted` that differ from those that are there.
  ///
  /// - Returns: how many bytes that were.
  private func write(
    _ wanted: UnsafeRawBufferPointer, present: UnsafeRawBufferPointer, _ count: Int, _ file: Int32,
    _ offset: Int64
  ) throws(Errno) -> Int {
    if memcmp(wanted.baseAddress!, present.baseAddress!, count) == 0 { return 0 }
    var written = 0
    var start: Int?
    var at = 0
    while at < count {
      let end = min(at + Self.pieceBytes, count)
      let isSame = memcmp(wanted.baseAddress! + at, present.baseAddress! + at, end - at) == 0
      if !isSame, start == nil { start = at }
      if let first = start, isSame || end == count {
        let last = isSame ? at : end
        try FileBytes.write(file, at: offset + Int64(first), UnsafeRawBufferPointer(rebasing: wanted[first..<last]))
        written += last - first
        start = nil
      }
      at = end
    }
    return written
  }
}

/// Whether comparing pays: where nearly all of a stretch differed, the next is written without a look, and each
/// time twice as much of it, so that a file that has become another is read once and written once.
struct PatchPace {
  private static let stretchBytesMax: Int64 = 64 << 20

  /// Up to where nothing is compared.
  private(set) var plainEnd: Int64 = 0
  private var stretch: Int64 = 1 << 20
  private var plain: Int64 = 4 << 20
  private var compared: Int64 = 0
  private var written: Int64 = 0

  mutating func note(_ end: Int64, compared count: Int, written bytes: Int) {
    compared += Int64(count)
    written += Int64(bytes)
    guard compared >= stretch else { return }
    if written >= compared / 4 * 3 {
      plainEnd = end + plain
      plain = min(plain * 2, 1 << 40)
    } else {
      plain = 4 << 20
    }
    stretch = min(stretch * 2, Self.stretchBytesMax)
    compared = 0
    written = 0
  }
}
