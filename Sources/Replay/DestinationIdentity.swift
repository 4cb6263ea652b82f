import LinuxSystem
import SystemPackage

/// Who a destination is, and whose: the file `.treeline/destination`.
///
/// ```
/// treeline destination 1
/// id 32 hexadecimal digits
/// journal 32 hexadecimal digits
/// ```
package struct DestinationIdentity: Hashable, Sendable {
  /// Its own random number, 16 bytes.
  package var id: [UInt8]
  /// The number of the journal that it follows, 16 bytes.
  package var journal: [UInt8]

  private static let bytesMax = 512

  /// A new destination of a journal.
  static func make(journal: [UInt8]) -> DestinationIdentity {
    var generator = SystemRandomNumberGenerator()
    return DestinationIdentity(
      id: (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) },
      journal: journal)
  }

  /// Reads the file in a destination's own directory; nil when it is not there.
  ///
  /// - Throws: `EINVAL` when it is there and is not one.
  static func read(in own: Int32) throws(Errno) -> DestinationIdentity? {
    let bytes: [UInt8]
    do throws(Errno) {
      let file = try Descriptor.open("destination", in: own, .content)
      guard try FileStatus.of(file.raw).kind == .regular else { throw Errno.invalidArgument }
      bytes = try FileBytes.readAll(file.raw, limit: bytesMax)
    } catch .noSuchFileOrDirectory {
      return nil
    }
    guard let identity = parse(bytes) else { throw Errno.invalidArgument }
    return identity
  }

  /// Puts the file in place, whole or not at all.
  func write(in own: Int32) throws(Errno) {
    try? Names.removeFile("destination.new", in: own)
    let file = try Descriptor.open("destination.new", in: own, .make, mode: 0o600)
    try Replay.write(
      file.raw,
      Array("treeline destination 1\nid \(hexadecimal(id))\njournal \(hexadecimal(journal))\n".utf8))
    try FileBytes.sync(file.raw)
    try Names.rename("destination.new", in: own, to: "destination", in: own, replacing: true)
    try FileBytes.sync(own)
  }

  static func parse(_ bytes: [UInt8]) -> DestinationIdentity? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count == 4, lines[3].isEmpty, lines[0].elementsEqual("treeline destination 1".utf8),
      lines[1].starts(with: "id ".utf8), lines[2].starts(with: "journal ".utf8),
      let id = number(hexadecimal: lines[1].dropFirst(3)),
      let journal = number(hexadecimal: lines[2].dropFirst(8))
    else { return nil }
    return DestinationIdentity(id: id, journal: journal)
  }
}
