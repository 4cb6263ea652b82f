import LinuxSystem
import SystemPackage
import Tree

/// From which commit on a destination has kept what it lost: the file `versions/since`.
///
/// ```
/// treeline versions 1
/// journal 32 hexadecimal digits
/// sequence decimal digits
/// ```
/// It is written before anything that it does not promise any more is removed.
struct VersionsSince: Hashable {
  /// The number of the journal, 16 bytes.
  var journal: [UInt8]
  var sequence: Sequence

  private static let name = "since"
  private static let bytesMax = 512

  /// Reads the file; nil when there is none, or it is none.
  static func read(in directory: Int32) throws(Errno) -> VersionsSince? {
    let bytes: [UInt8]
    do throws(Errno) {
      let file = try Descriptor.open(name, in: directory, .content)
      guard try FileStatus.of(file.raw).kind == .regular else { return nil }
      bytes = try FileBytes.readAll(file.raw, limit: bytesMax)
    } catch .noSuchFileOrDirectory {
      return nil
    }
    return parse(bytes)
  }

  static func parse(_ bytes: [UInt8]) -> VersionsSince? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count == 4, lines[3].isEmpty, lines[0].elementsEqual("treeline versions 1".utf8),
      lines[1].starts(with: "journal ".utf8), lines[2].starts(with: "sequence ".utf8),
      let journal = number(hexadecimal: lines[1].dropFirst(8)),
      let sequence = Sequence(digits: Array(lines[2].dropFirst(9)))
    else { return nil }
    return VersionsSince(journal: journal, sequence: sequence)
  }

  func write(in directory: Int32) throws(Errno) {
    try? Names.removeFile("since.new", in: directory)
    let file = try Descriptor.open("since.new", in: directory, .make, mode: 0o600)
    try Replay.write(
      file.raw,
      Array(
        "treeline versions 1\njournal \(hexadecimal(journal))\nsequence \(sequence.rawValue)\n".utf8))
    try FileBytes.sync(file.raw)
    try Names.rename("since.new", in: directory, to: Self.name, in: directory, replacing: true)
    try FileBytes.sync(directory)
  }

  static func remove(in directory: Int32) throws(Errno) {
    do throws(Errno) { try Names.removeFile(name, in: directory) } catch .noSuchFileOrDirectory {}
    try FileBytes.sync(directory)
  }
}

extension Sequence {
  /// The number as it stands in a name.
  var digits: [UInt8] { Array("\(rawValue)".utf8) }

  /// A number as `digits` writes it, and no other.
  init?(digits: [UInt8]) {
    guard let value = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
    self.init(value)
    guard self.digits == digits else { return nil }
  }
}

extension ObjectID {
  /// The number as it stands in a name.
  var digits: [UInt8] { Array("\(rawValue)".utf8) }
}
