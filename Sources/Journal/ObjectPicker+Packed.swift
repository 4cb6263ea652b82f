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
      case .linkCounts:
        try countLinks(&rows, atMost: section.linkCount) { () throws(Malformed) in try runs.next() }
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

  private static func add(
    _ rows: [Row], _ parents: ByteReader, _ values: ByteReader, _ linkCount: Int, into changes: inout ChangeSet
  ) throws(Malformed) {
    var (parents, lengths, names) = (parents, values, values)
    for _ in 0..<linkCount { _ = try names.varint() }
    try add(rows, into: &changes) { () throws(Malformed) in
      let step = try parents.signed()
      let kind = try lengths.varint()
      return (step, kind & 1 == 1, try names.take(kind >> 1))
    }
  }
}
