import LinuxSystem
import SystemPackage
import Tree

extension Replayer {
  /// Deeper than any tree can be made; a journal that goes round in a circle ends here.
  static var depthMax: Int { 1 << 20 }

  /// The name that an object must have, as far as one is known.
  func wantedLink(_ id: ObjectID) -> Link? {
    if let object = owed[id] { return object.links.first }
    guard let link = tree.link(of: id), link.parent != .park else { return nil }
    return link
  }

  /// The names from the source's root to an object; nil when it has no place there.
  func wantedNames(_ id: ObjectID) -> [[UInt8]]? {
    var names: [[UInt8]] = []
    var at = id
    while at != .root {
      guard let link = wantedLink(at), names.count < Self.depthMax else { return nil }
      names.append(link.name.bytes)
      at = link.parent
    }
    names.reverse()
    return names
  }

  /// The path that a person is told; an object without a place is called by its number.
  func path(of id: ObjectID) -> [UInt8] {
    wantedNames(id).map { joined($0) } ?? Array("(object \(id.rawValue))".utf8)
  }

  /// The path of a name at the destination.
  func path(of link: Link) -> [UInt8] {
    if link.parent == .park { return Array(".treeline/park/".utf8) + link.name.bytes }
    var names = [Destination.name(link)]
    var at = link.parent
    while at != .root {
      guard let above = tree.link(of: at) ?? owed[at]?.links.first, names.count < Self.depthMax
      else { break }
      if above.parent == .park {
        names.append(Array(".treeline/park/".utf8) + above.name.bytes)
        break
      }
      names.append(Destination.name(above))
      at = above.parent
    }
    names.reverse()
    return joined(names)
  }
}
