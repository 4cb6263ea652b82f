import Glibc

extension ChangeComposer {
  /// Up to so many pairs of names are compared one with another; beyond, a table is made.
  private static var pairCountMax: Int { 256 }

  /// Puts what is left of an object's two lists of link changes at the end of `sum.links`.
  ///
  /// A link that is lost in one and gained in the other is no change; one that stands in both alike,
  /// which no true tree gives, stands once.
  mutating func mergedLinks(_ old: ObjectChange, _ next: ObjectChange) -> Range<Int> {
    if next.linkCount == 0 { return Int(old.firstLink)..<Int(old.firstLink + old.linkCount) }
    if old.linkCount == 0 { return Int(next.firstLink)..<Int(next.firstLink + next.linkCount) }
    // No list is held any more when something is added: all of `sum.links` would be copied each time.
    let merged = merged(old, next)
    let first = sum.links.count
    sum.links.append(contentsOf: merged)
    return first..<sum.links.count
  }

  private func merged(_ old: ObjectChange, _ next: ObjectChange) -> [LinkChange] {
    let a = sum.links(of: old)
    let b = sum.links(of: next)
    return a.count * b.count <= Self.pairCountMax ? mergedByPairs(a, b) : mergedByTable(a, b)
  }

  private func mergedByPairs(
    _ a: ArraySlice<LinkChange>, _ b: ArraySlice<LinkChange>
  ) -> [LinkChange] {
    var merged: [LinkChange] = []
    for link in a {
      let isUndone = b.contains { $0.isGained != link.isGained && isSameName($0, link) }
      if !isUndone { merged.append(link) }
    }
    for link in b where !a.contains(where: { isSameName($0, link) }) { merged.append(link) }
    return merged
  }

  private func mergedByTable(
    _ a: ArraySlice<LinkChange>, _ b: ArraySlice<LinkChange>
  ) -> [LinkChange] {
    var merged = Array(a)
    var positions: [Link: Int] = [:]
    for (position, link) in merged.enumerated() { positions[sum.link(link)] = position }
    var isUndone = Array(repeating: false, count: merged.count)
    for link in b {
      guard let position = positions[sum.link(link)] else {
        merged.append(link)
        continue
      }
      if merged[position].isGained != link.isGained { isUndone[position] = true }
    }
    return merged.enumerated().filter { $0.offset >= isUndone.count || !isUndone[$0.offset] }
      .map(\.element)
  }

  private func isSameName(_ a: LinkChange, _ b: LinkChange) -> Bool {
    guard a.parent == b.parent, a.name.count == b.name.count else { return false }
    return sum.bytes.withUnsafeBytes { bytes in
      memcmp(
        bytes.baseAddress! + Int(a.name.offset), bytes.baseAddress! + Int(b.name.offset),
        Int(a.name.count)) == 0
    }
  }
}
