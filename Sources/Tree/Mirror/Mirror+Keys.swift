import LinuxSystem

extension Mirror {
  /// The object with this key.
  public func node(_ key: ObjectKey) -> Node? {
    let row = keyIndex.find(key.mixed) { self.hasKey($0, key) }
    return row == 0 ? nil : Node(row: row)
  }

  /// The key of an object.
  public func key(_ node: Node) -> ObjectKey {
    if keyKinds[node.row] == Self.longKeyKind { return longKeys[node.row]! }
    let kind = kinds[Int(keyKinds[node.row])]
    return ObjectKey(
      type: kind.type,
      bytes: UnsafeRawBufferPointer(
        start: keyBytes.base + Int(node.row) * keyStride, count: Int(kind.byteCount)))
  }

  func keyHash(_ row: UInt32) -> UInt64 { key(Node(row: row)).mixed }

  @inline(__always)
  private func hasKey(_ row: UInt32, _ key: ObjectKey) -> Bool {
    self.key(Node(row: row)) == key
  }

  func store(_ key: ObjectKey, _ row: UInt32) {
    let kind = Int(key.byteCount) <= keyStride ? kindNumber(key) : nil
    guard let kind else {
      keyKinds[row] = Self.longKeyKind
      longKeys[row] = key
      return
    }
    keyKinds[row] = kind
    let place = UnsafeMutableRawBufferPointer(
      start: keyBytes.base + Int(row) * keyStride, count: keyStride)
    key.withBytes { place.copyMemory(from: $0) }
  }

  private func kindNumber(_ key: ObjectKey) -> UInt8? {
    for (number, kind) in kinds.enumerated()
    where kind.type == key.type && kind.byteCount == key.byteCount {
      return UInt8(number)
    }
    guard kinds.count < Int(Self.longKeyKind) else { return nil }
    kinds.append((key.type, key.byteCount))
    return UInt8(kinds.count - 1)
  }
}
