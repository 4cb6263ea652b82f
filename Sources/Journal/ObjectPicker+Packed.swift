import LinuxSystem
import Tree

extension ObjectPicker {
  /// The same of a section of packed objects.
  static func pick(
    packed bytes: UnsafeRawBufferPointer, _ wanted: ObjectFilter, into changes: inout ChangeSet
  ) throws(Malformed) {
    var section = try PackedSection(bytes)
    var rows: [Row] = []
    var parents = ByteReader(UnsafeRawBufferPointer(start: nil, count: 0))
    while let column = try section.next() {
      var values = ByteReader(column.bytes)
      var runs = PackedRuns(values)
      switch column.known {
      case .ids:
        rows = try find(&values, section.objectCount, wanted)
        if rows.isEmpty { return }
      case .facts: try each(&runs, &rows) { $0.facts = UInt16(truncatingIfNeeded: $1) }
      case .modes: try each(&runs, &rows) { $0.mode = UInt32(truncatingIfNeeded: $1) }
      case .uids: try each(&runs, &rows) { $0.uid = UInt32(truncatingIfNeeded: $1) }
      case .gids: try each(&runs, &rows) { $0.gid = UInt32(truncatingIfNeeded: $1) }
      case .linkCounts: try countLinks(&runs, &rows, section.linkCount)
      case .parents: parents = values
      case .names:
        try add(rows, parents, values, section.linkCount, into: &changes)
        return
      default: continue
      }
    }
    try add(rows, parents, parents, 0, into: &changes)
  }

  /// Gives the value of each row.
  private static func each(
    _ runs: inout PackedRuns, _ rows: inout [Row], _ body: (inout Row, UInt64) -> Void
  ) throws(Malformed) {
    var index = 0
    for row in rows.indices {
      try runs.skip(rows[row].index - index)
      body(&rows[row], try runs.next())
      index = rows[row].index + 1
    }
  }

  private static func countLinks(
    _ runs: inout PackedRuns, _ rows: inout [Row], _ linkCount: Int
  ) throws(Malformed) {
    var index = 0
    var links = 0
    for row in rows.indices {
      while true {
        let count = try runs.next()
        guard count <= UInt64(linkCount - links) else { throw Malformed("too many links") }
        defer {
          links += Int(count)
          index += 1
        }
        if index == rows[row].index {
          rows[row].firstLink = links
          rows[row].linkCount = Int(count)
          break
        }
      }
    }
  }

  private static func add(
    _ rows: [Row], _ parents: ByteReader, _ values: ByteReader, _ linkCount: Int, into changes: inout ChangeSet
  ) throws(Malformed) {
    var (parents, lengths, names) = (parents, values, values)
    for _ in 0..<linkCount { _ = try names.varint() }
    var parent: UInt64 = 0
    var index = 0
    for row in rows {
      let first = changes.links.count
      while index < row.firstLink + row.linkCount {
        parent = parent &+ UInt64(bitPattern: try parents.signed())
        let kind = try lengths.varint()
        let name = try names.take(kind >> 1)
        if index >= row.firstLink { try add(name, of: parent, isGained: kind & 1 == 1, into: &changes) }
        index += 1
      }
      try add(row, first, into: &changes)
    }
  }
}
