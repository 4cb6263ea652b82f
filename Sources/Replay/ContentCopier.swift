import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Copies the content of one open file into another: holes stay holes, and no more than the size at
/// the start is copied, so that a file that grows cannot keep us.
struct ContentCopier: ~Copyable {
  /// How content was copied.
  enum Copied {
    /// All of it, or by sharing the source's own blocks.
    case whole
    /// Into what shares the blocks of a basis.
    ///
    /// - Parameter isChanged: whether the basis had other content, or another size, or other holes.
    case patched(isChanged: Bool)
  }

  /// Up to this size one read and one write are the fastest.
  private static let smallBytesMax = 65_536
  /// What one call copies at most, so that a stop is noticed between.
  private static let rangeBytesMax: Int64 = 64 << 20
  /// From this size on a file is large: the kernel is told that it is read in order.
  private static let largeBytesMin: Int64 = 64 << 20
  /// So much of it is being read ahead: while the processor hashes and writes, the disk is not to wait. The kernel by
  /// itself asks for a few hundred KiB, and for no more than a MiB or so at one call.
  private static let aheadBytes: Int64 = 4 << 20
  private static let aheadStepBytes: Int64 = 1 << 20

  let buffer: UnsafeMutableRawBufferPointer
  /// Is told how many bytes were copied, or need not be, while a file is.
  var onCopied: ((UInt64) -> Void)?
  private var canClone = true
  private var canCopyRange = true
  /// Of the content that was copied last, where all of it passed through the buffer.
  private(set) var hash: UInt64?
  private let takesHashes: Bool
  private var hashing = ContentHash()
  /// Whether it has taken all that was copied so far.
  private var isHashed = false

  /// - Parameter takesHashes: whether anybody is to ask for ``hash``.
  init(takesHashes: Bool) {
    buffer = .allocate(byteCount: 256 << 10, alignment: 4096)
    self.takesHashes = takesHashes
  }

  deinit { buffer.deallocate() }

  /// Copies into an empty file.
  ///
  /// - Parameters:
  ///   - status: of the source, at the start.
  ///   - basis: what the content may resemble, on the filesystem of `to`; nil for nothing.
  @discardableResult
  mutating func copy(
    from: Int32, to: Int32, _ status: FileStatus, basis: Int32? = nil
  ) throws(CopyError) -> Copied {
    let size = Int64(clamping: status.sizeBytes)
    beginHash()
    if size == 0 { return .whole }
    let copied = try copy(from: from, to: to, size, status, basis)
    endHash(at: size)
    return copied
  }

  /// Copies into what `copy` has patched, because the source changed meanwhile: what it has by now is the best basis.
  ///
  /// - Returns: whether anything was written.
  mutating func copyAgain(from: Int32, to: Int32, _ status: FileStatus) throws(CopyError) -> Bool {
    let size = Int64(clamping: status.sizeBytes)
    beginHash()
    let isChanged = try patch(from: from, to: to, size)
    endHash(at: size)
    return isChanged
  }

  private mutating func copy(
    from: Int32, to: Int32, _ size: Int64, _ status: FileStatus, _ basis: Int32?
  ) throws(CopyError) -> Copied {
    let isDense = status.blocks >= UInt64(size) / 512
    if size <= Self.smallBytesMax, isDense {
      try copyPlainly(from: from, to: to, 0, size)
      return .whole
    }
    if canClone, try clone(from: from, to: to) {
      isHashed = false
      onCopied?(UInt64(size))
      return .whole
    }
    if let basis, size >= Self.patchBytesMin, try share(basis, with: to) {
      return .patched(isChanged: try patch(from: from, to: to, size))
    }
    if size >= Self.largeBytesMin { FileBytes.willReadInOrder(from) }
    if isDense {
      try copyRange(from: from, to: to, 0, size)
    } else {
      try copyExtents(from: from, to: to, size)
    }
    do { try FileBytes.setSize(to, bytes: size) } catch { throw .writing(error) }
    return .whole
  }

  private mutating func clone(from: Int32, to: Int32) throws(CopyError) -> Bool {
    do throws(Errno) {
      try FileBytes.clone(from: from, to: to)
      return true
    } catch {
      if isFatal(error) { throw .writing(error) }
      canClone = false
      return false
    }
  }

  private mutating func copyExtents(from: Int32, to: Int32, _ size: Int64) throws(CopyError) {
    var at: Int64 = 0
    while at < size {
      let end: Int64
      do throws(Errno) {
        guard let data = try FileBytes.nextData(from, from: at), data < size else { return }
        at = data
        end = min(try FileBytes.nextHole(from, from: at), size)
      } catch .noSuchAddressOrDevice {
        return  // truncated meanwhile: the look afterwards tells
      } catch .invalidArgument {
        return try copyRange(from: from, to: to, at, size)
      } catch {
        throw .reading(error)
      }
      try copyRange(from: from, to: to, at, end)
      at = end
    }
  }

  mutating func copyRange(
    from: Int32, to: Int32, _ start: Int64, _ end: Int64
  ) throws(CopyError) {
    var at = start
    while canCopyRange, at < end {
      do throws(Errno) {
        let count = try FileBytes.copyRange(
          from: from, at: at, to: to, at: at,
          bytes: Int(min(end - at, Self.rangeBytesMax)))
        if count == 0 { break }
        isHashed = false
        at += Int64(count)
        onCopied?(UInt64(count))
      } catch .improperLink {
        canCopyRange = false
      } catch .notSupported {
        canCopyRange = false
      } catch .noFunction {
        canCopyRange = false
      } catch .invalidArgument {
        canCopyRange = false
      } catch {
        // Which side failed is not told: reading plainly tells.
        if isFatal(error) { throw .writing(error) }
        break
      }
    }
    if at < end { try copyPlainly(from: from, to: to, at, end) }
  }

  private mutating func copyPlainly(
    from: Int32, to: Int32, _ start: Int64, _ end: Int64
  ) throws(CopyError) {
    var at = start
    var ahead = end - start < Self.largeBytesMin ? end : start
    while at < end {
      while ahead < min(at + Self.aheadBytes, end) {
        FileBytes.readAhead(from, at: ahead, bytes: Int(Self.aheadStepBytes))
        ahead += Self.aheadStepBytes
      }
      // To where a chunk of the hash ends.
      let rest = Int64(buffer.count) - at % Int64(ContentHash.chunkBytes)
      let window = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(end - at, rest))))
      let count: Int
      do { count = try FileBytes.read(from, at: at, into: window) } catch {
        throw .reading(error)
      }
      if count == 0 { return }  // truncated meanwhile: the look afterwards tells
      hash(UnsafeRawBufferPointer(rebasing: window.prefix(count)), at: at)
      do {
        try FileBytes.write(to, at: at, UnsafeRawBufferPointer(rebasing: window.prefix(count)))
      } catch {
        throw .writing(error)
      }
      at += Int64(count)
      onCopied?(UInt64(count))
    }
  }

  private mutating func beginHash() {
    hash = nil
    hashing.begin()
    isHashed = takesHashes
  }

  private mutating func endHash(at size: Int64) {
    if isHashed { hash = hashing.end(at: size) }
  }

  /// Takes what was read into the hash.
  mutating func hash(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
    if isHashed { hashing.take(bytes, at: offset) }
  }
}

/// Which side of a copy failed.
enum CopyError: Error {
  case reading(Errno)
  case writing(Errno)
}

/// Whether an error at the destination concerns all of it, so that going on with the next object is
/// of no use.
func isFatal(_ error: Errno) -> Bool {
  switch error {
  case .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .noMemory, .tooManyOpenFiles,
    .tooManyOpenFilesInSystem:
    true
  default:
    error.rawValue == ENODEV || error.rawValue == ENOTCONN || error.rawValue == ESHUTDOWN || error.rawValue == EUCLEAN
  }
}
