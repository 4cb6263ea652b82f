import LinuxSystem
import SystemPackage

/// Notes the hashes of contents that are copied to a destination, for the scrub that first reads them there.
///
/// They are advice: what is lost of them costs the first scrub a look at the source. So nothing is synced, and no
/// failure is told.
final class CopiedLog {
  /// What is noted goes here: `.treeline/scrub/copied`.
  static let name = "copied"
  /// And here while a scrub reads it, until that is complete.
  static let readName = "copied.read"
  /// 1.4 million contents; a destination that is never scrubbed takes no more.
  private static let bytesMax: UInt64 = 64 << 20

  let place: Descriptor
  private let seed: UInt64

  init(in place: consuming Descriptor, destination id: [UInt8]) {
    self.place = place
    seed = Self.seed(id)
  }

  func add(_ contents: [CopiedContent]) {
    if contents.isEmpty { return }
    var writer = PayloadWriter()
    for content in contents { content.encode(into: &writer, seed: seed) }
    do throws(Errno) {
      let file = try Descriptor.open(Self.name, in: place.raw, .own, mode: 0o600)
      let status = try FileStatus.of(file.raw)
      guard status.kind == .regular, status.sizeBytes < Self.bytesMax else { return }
      // A write that was cut short is overwritten.
      let end = status.sizeBytes - status.sizeBytes % UInt64(CopiedContent.encodedBytes)
      try FileBytes.write(file.raw, at: Int64(end), writer.bytes)
    } catch {}
  }

  static func seed(_ id: [UInt8]) -> UInt64 {
    id.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
