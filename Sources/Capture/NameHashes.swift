/// The hashes of a directory's names: a name that is not among them is certainly not there; one that is
/// may be.
struct NameHashes {
  private var table = Array(repeating: UInt64(0), count: 256)
  private var count = 0

  mutating func insert(_ name: UnsafeRawBufferPointer) {
    if (count + 1) * 2 > table.count { grow() }
    if Self.place(Self.hash(name), &table) { count += 1 }
  }

  func mayContain(_ name: UnsafeRawBufferPointer) -> Bool {
    let hash = Self.hash(name)
    var at = Int(truncatingIfNeeded: hash) & (table.count - 1)
    while table[at] != 0 {
      if table[at] == hash { return true }
      at = (at + 1) & (table.count - 1)
    }
    return false
  }

  /// - Returns: whether it was not there.
  private static func place(_ hash: UInt64, _ table: inout [UInt64]) -> Bool {
    var at = Int(truncatingIfNeeded: hash) & (table.count - 1)
    while table[at] != 0 {
      if table[at] == hash { return false }
      at = (at + 1) & (table.count - 1)
    }
    table[at] = hash
    return true
  }

  private mutating func grow() {
    var larger = Array(repeating: UInt64(0), count: table.count * 4)
    for hash in table where hash != 0 { _ = Self.place(hash, &larger) }
    table = larger
  }

  /// Never 0, which is an empty place in the table.
  private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    DirtySet.mix(name, &hash)
    return hash | 1 << 63
  }
}
