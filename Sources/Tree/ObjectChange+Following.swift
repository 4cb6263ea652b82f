extension ObjectChange {
  /// This and then `next`, without the links; nil when nothing is left: see `compose(_:_:)`.
  func followed(by next: ObjectChange) -> ObjectChange? {
    var result = next
    if next.facts.contains(.removed) {
      if facts.contains(.created) { return nil }
      return result
    }
    if next.facts.contains(.created) {
      // Created twice, which no journal says, is created; removed and created is kept.
      if !facts.contains(.removed) { return result }
      result.facts.remove(.created)
      result.facts.formUnion([.attributes, .extendedAttributes])
      if result.facts.isDisjoint(with: [.content, .unsettled]) { result.facts.insert(.unsettled) }
      return result
    }
    if facts.contains(.removed) {
      result.facts = .removed
      return result
    }
    if facts.contains(.created) {
      // A created object is given whole.
      result.facts = facts.union(next.facts.subtracting([.attributes, .extendedAttributes]))
    } else {
      result.facts = facts.union(next.facts)
    }
    if next.facts.contains(.content) { result.facts.remove(.unsettled) }
    if next.facts.contains(.unsettled) { result.facts.remove(.content) }
    if result.key.count == 0 { result.key = key }
    if result.target.count == 0 { result.target = target }
    if !next.facts.contains(.extendedAttributes) { result.extendedAttributes = extendedAttributes }
    return result
  }
}
