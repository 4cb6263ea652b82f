import LinuxSystem
import Tree

extension IndexPart {
  /// The parts at the front of an index's file that follow each other from a point on.
  ///
  /// - Parameters:
  ///   - number: the file's.
  ///   - fileBytes: of what the index is of; no part reaches beyond.
  ///   - isChecked: takes only parts that are as they were written, to the last byte.
  static func row(
    _ files: inout IndexFiles, _ number: Sequence, from start: Cursor, at begins: Int64, upTo fileBytes: Int64,
    isChecked: Bool = false
  ) -> [(part: IndexPart, at: Int64)] {
    var parts: [(part: IndexPart, at: Int64)] = []
    while true {
      let at = parts.last.map { $0.at + Int64($0.part.bytes) } ?? 0
      guard let part = head(&files, number, at), part.segment == number,
        part.before == parts.last?.part.last ?? start, part.begins == parts.last?.part.ends ?? begins,
        part.ends <= fileBytes
      else { return parts }
      if isChecked {
        guard let bytes = files.read(number, at: at, upTo: part.bytes), isWhole(bytes) else { return parts }
      } else {
        // Its last byte is there.
        guard files.read(number, at: at + Int64(part.bytes) - 1, upTo: 1)?.count == 1 else { return parts }
      }
      parts.append((part, at))
    }
  }

  private static func head(_ files: inout IndexFiles, _ number: Sequence, _ at: Int64) -> IndexPart? {
    var wanted = headBytesUsual
    while wanted > 0 {
      let count = wanted
      guard let bytes = files.read(number, at: at, upTo: count), !bytes.isEmpty else { return nil }
      if let head = Head(bytes, wanted: &wanted) { return head.part }
      if wanted <= count { return nil }
    }
    return nil
  }
}
