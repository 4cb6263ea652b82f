import CLZ4
import Glibc

/// Standard LZ4 frames: content size, block and content checksums, independent blocks.
enum Compressor {

  /// Appends the frame of some content to a file's bytes.
  ///
  /// - Parameter level: 0 is the fast one; from 3 on time buys a smaller frame.
  static func compress(_ plain: UnsafeRawBufferPointer, into file: inout ByteWriter, level: Int32 = 0) {
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockSizeID = plain.count > 1 << 20 ? LZ4F_max4MB : LZ4F_max1MB
    preferences.compressionLevel = level
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
    preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled
    preferences.frameInfo.contentSize = UInt64(plain.count)
    let bound = LZ4F_compressFrameBound(plain.count, &preferences)
    file.reserve(bound)
    let written = LZ4F_compressFrame(
      file.base + file.count, bound, plain.baseAddress, plain.count, &preferences)
    precondition(LZ4F_isError(written) == 0, "a frame fits its own bound")
    file.advance(written)
  }
}

/// Reads standard LZ4 frames, and believes no size before it was checked.
final class Decompressor {
  /// What became of the bytes at the front.
  enum Outcome {
    /// A whole frame of this many compressed bytes; its content is in `plain`.
    case frame(Int)
    /// The frame goes on after the bytes that are there.
    case incomplete
    case malformed(String)
  }

  private var context: OpaquePointer?
  private(set) var plain = [UInt8]()

  init() {
    let code = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    precondition(LZ4F_isError(code) == 0, "out of memory")
  }

  deinit { LZ4F_freeDecompressionContext(context) }

  /// The blocks that LZ4F_compressFrame takes: the smallest that hold all.
  private func smallestBlocks(_ contentBytes: UInt64) -> LZ4F_blockSizeID_t {
    switch contentBytes {
    case ...(64 << 10): LZ4F_max64KB
    case ...(256 << 10): LZ4F_max256KB
    case ...(1 << 20): LZ4F_max1MB
    default: LZ4F_max4MB
    }
  }

  /// Decodes the frame with which `bytes` begin.
  func decode(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    LZ4F_resetDecompressionContext(context)
    guard bytes.count >= 15 else { return .incomplete }
    guard bytes.loadUnaligned(as: UInt32.self).littleEndian == 0x184D_2204 else {
      return .malformed("no frame begins here")
    }
    var info = LZ4F_frameInfo_t()
    var headerBytes = bytes.count
    let hint = LZ4F_getFrameInfo(context, &info, bytes.baseAddress, &headerBytes)
    guard LZ4F_isError(hint) == 0 else {
      return bytes.count < 19 ? .incomplete : .malformed("the frame's header is damaged")
    }
    guard info.contentChecksumFlag == LZ4F_contentChecksumEnabled,
      info.blockChecksumFlag == LZ4F_blockChecksumEnabled, info.dictID == 0,
      info.blockMode == LZ4F_blockIndependent,
      // The frame's header has a checksum of eight bits only: what does not matter is checked as well.
      info.blockSizeID == smallestBlocks(info.contentSize)
    else { return .malformed("the frame is not of the kind that a journal has") }
    guard info.contentSize >= UInt64(FrameLayout.headerBytes),
      info.contentSize <= UInt64(FrameLayout.plainBytesLimit)
    else { return .malformed("the frame claims an impossible size") }
    guard BlockMatches.areSound(inFrame: bytes, from: headerBytes) else {
      return .malformed("a match in the frame refers to itself")
    }
    let size = Int(info.contentSize)
    if plain.count != size {
      plain = [UInt8](repeating: 0, count: size)
    }
    var read = headerBytes
    var written = 0
    var outcome: Outcome? = nil
    plain.withUnsafeMutableBytes { output in
      while outcome == nil {
        var take = bytes.count - read
        var give = size - written
        let rest = LZ4F_decompress(
          context, output.baseAddress! + written, &give, bytes.baseAddress! + read, &take, nil)
        if LZ4F_isError(rest) != 0 {
          outcome = .malformed(String(cString: LZ4F_getErrorName(rest)))
        } else {
          read += take
          written += give
          if rest == 0 {
            outcome = written == size ? .frame(read) : .malformed("the content is too short")
          } else if read == bytes.count {
            outcome = .incomplete
          } else if take == 0, give == 0 {
            outcome = .malformed("the content is longer than the frame claims")
          }
        }
      }
    }
    return outcome!
  }
}
