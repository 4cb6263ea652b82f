/// Byte strings kept per row, each distinct one once: many files share the same ACL.
struct InternedBytes {
  private var numbers: [[UInt8]: UInt32] = [:]
  private var values: [(bytes: [UInt8], users: Int)] = []
  private var free: [UInt32] = []
  private var ofRow: [UInt32: UInt32] = [:]

  subscript(row: UInt32) -> [UInt8]? {
    guard let number = ofRow[row] else { return nil }
    return values[Int(number)].bytes
  }

  mutating func set(_ bytes: [UInt8], _ row: UInt32) {
    remove(row)
    if let number = numbers[bytes] {
      values[Int(number)].users += 1
      ofRow[row] = number
      return
    }
    let number: UInt32
    if let reused = free.popLast() {
      number = reused
      values[Int(number)] = (bytes, 1)
    } else {
      number = UInt32(values.count)
      values.append((bytes, 1))
    }
    numbers[bytes] = number
    ofRow[row] = number
  }

  mutating func remove(_ row: UInt32) {
    guard let number = ofRow.removeValue(forKey: row) else { return }
    values[Int(number)].users -= 1
    if values[Int(number)].users == 0 {
      numbers[values[Int(number)].bytes] = nil
      values[Int(number)].bytes = []
      free.append(number)
    }
  }
}
