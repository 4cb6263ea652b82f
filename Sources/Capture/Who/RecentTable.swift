/// What was noted last, within a bound: when the newest half is full, the half before it goes.
struct RecentTable<Key: Hashable, Value> {
  private var newest: [Key: Value] = [:]
  private var before: [Key: Value] = [:]
  private let halfCountMax: Int

  init(halfCountMax: Int) { self.halfCountMax = halfCountMax }

  subscript(key: Key) -> Value? { newest[key] ?? before[key] }

  mutating func add(_ key: Key, _ value: Value) {
    if newest.count >= halfCountMax {
      before = newest
      newest.removeAll(keepingCapacity: true)
    }
    newest[key] = value
  }

  mutating func take(_ key: Key) -> Value? {
    let old = before.removeValue(forKey: key)
    return newest.removeValue(forKey: key) ?? old
  }
}
