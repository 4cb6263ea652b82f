import Tree

/// A few objects that are looked for among many: most others are told from them by one bit.
package struct ObjectFilter: Sendable {
  private let ids: Set<ObjectID>
  private var bits = [UInt64](repeating: 0, count: 64)

  package init(_ ids: Set<ObjectID>) {
    self.ids = ids
    for id in ids { bits[Int(id.rawValue >> 6 & 63)] |= 1 << (id.rawValue & 63) }
  }

  @inline(__always)
  func contains(_ number: UInt64) -> Bool {
    bits[Int(number >> 6 & 63)] & 1 << (number & 63) != 0 && ids.contains(ObjectID(number))
  }
}
