import LinuxSystem
import Tree

/// What objects take when they are written.
enum ObjectEncoder {
  /// An upper bound of what an object takes.
  @inline(__always)
  static func bound(_ object: ObjectChange, _ links: UnsafeBufferPointer<LinkChange>) -> Int {
    var bytes = 160 + Int(object.key.count) + Int(object.target.count)
    bytes += Int(object.extendedAttributes.count)
    let first = Int(object.firstLink)
    precondition(first + Int(object.linkCount) <= links.count, "an object's links are in its set")
    for link in first..<first + Int(object.linkCount) { bytes += 24 + Int(links[link].name.count) }
    return bytes
  }

  /// The same of several, without asking how many links each has, which a processor cannot guess.
  ///
  /// - Returns: nil where their links do not stand in their order.
  static func bound(
    _ objects: UnsafeBufferPointer<ObjectChange>, _ links: UnsafeBufferPointer<LinkChange>
  ) -> Int? {
    guard let first = objects.first.map({ Int($0.firstLink) }) else { return 0 }
    var next = first
    var areInOrder = true
    var bytes = 160 * objects.count
    for object in objects {
      bytes += Int(object.key.count) + Int(object.target.count) + Int(object.extendedAttributes.count)
      areInOrder = areInOrder && Int(object.firstLink) == next
      next += Int(object.linkCount)
    }
    guard areInOrder, next <= links.count else { return nil }
    bytes += 24 * (next - first)
    for link in links[first..<next] { bytes += Int(link.name.count) }
    return bytes
  }

  /// What a section takes beside its objects, and what a cursor leaves behind its last byte.
  static let roomBytes = 256 + ByteCursor.slackBytes
}

extension FileKind {
  @inline(__always) var isDevice: Bool { self == .characterDevice || self == .blockDevice }
  @inline(__always) var hasSize: Bool { self == .regular || self == .symbolicLink }
}

extension ObjectChange {
  /// Whether the format has a key for this object.
  @inline(__always)
  var hasKey: Bool { !facts.isDisjoint(with: [.created, .content, .unsettled]) }
  @inline(__always)
  var hasTarget: Bool { facts.contains(.created) && attributes.mode >> 12 & 15 == FileKind.symbolicLink.rawValue }
  // The number is compared, since making a kind of it is a call.
  @inline(__always)
  var hasDevice: Bool {
    let kind = attributes.mode >> 12 & 15
    return kind == FileKind.characterDevice.rawValue || kind == FileKind.blockDevice.rawValue
  }
  @inline(__always)
  var hasSize: Bool {
    let kind = attributes.mode >> 12 & 15
    return kind == FileKind.regular.rawValue || kind == FileKind.symbolicLink.rawValue
  }
  @inline(__always)
  var hasExtendedAttributes: Bool { !facts.isDisjoint(with: [.created, .extendedAttributes]) }
}
