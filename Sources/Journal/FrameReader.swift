import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Reads frames from one open file, from a given offset on.
final class FrameReader {
  enum Outcome {
    /// A whole frame; its content is in `plain`.
    case frame
    /// The file ends here, at a border between frames.
    case end
    /// The file ends within a frame.
    case incomplete
    case malformed(String)
  }

  private let file: Int32
  private let decompressor: Decompressor
  private var window = [UInt8]()
  private var windowStart: Int64 = 0
  /// Where the next frame begins.
  private(set) var offset: Int64

  private let windowBytes: Int

  /// - Parameter windowBytes: how much is read at once, unless a frame is longer.
  init(_ file: Int32, offset: Int64, decompressor: Decompressor, windowBytes: Int = 1 << 20) {
    self.file = file
    self.windowBytes = windowBytes
    self.offset = offset
    self.decompressor = decompressor
  }

  /// The content of the last frame.
  var plain: [UInt8] { decompressor.plain }

  /// Lends the content of the last frame.
  func withPlain<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    decompressor.plain.withUnsafeBytes(body)
  }

  /// Goes back to read anew from an offset on: what was read before may have been half written.
  func goBack(to earlier: Int64) {
    offset = earlier
    windowStart = earlier
    window = []
  }

  /// Goes elsewhere in the file.
  func go(to other: Int64) {
    guard other >= windowStart, other <= windowStart + Int64(window.count) else { return goBack(to: other) }
    offset = other
  }

  /// Reads the next frame, and passes it.
  func next() throws(Errno) -> Outcome {
    var wanted = windowBytes
    while true {
      let isShort = try fill(wanted)
      let start = Int(offset - windowStart)
      if start == window.count { return .end }
      let outcome = window.withUnsafeBytes {
        decompressor.decode(UnsafeRawBufferPointer(rebasing: $0[start...]))
      }
      switch outcome {
      case .frame(let bytes):
        offset += Int64(bytes)
        return .frame
      case .malformed(let what): return .malformed(what)
      case .incomplete:
        if isShort { return .incomplete }
        // No frame is longer than its content and a little.
        guard wanted < FrameLayout.plainBytesLimit * 2 else { return .malformed("a frame has no end") }
        wanted *= 4
      }
    }
  }

  /// Has `wanted` bytes from `offset` on in the window, or all that there are.
  ///
  /// - Returns: whether the file ends in the window.
  private func fill(_ wanted: Int) throws(Errno) -> Bool {
    let have = window.count - Int(offset - windowStart)
    if offset >= windowStart, have >= min(wanted, 1 << 16), wanted == windowBytes {
      return false
    }
    var failure: Errno? = nil
    let at = offset
    window = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      do throws(Errno) {
        while count < wanted {
          let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
          let read = try FileBytes.read(file, at: at + Int64(count), into: rest)
          if read == 0 { break }
          count += read
        }
      } catch { failure = error }
    }
    windowStart = offset
    if let failure { throw failure }
    return window.count < wanted
  }
}
