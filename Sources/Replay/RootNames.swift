import Tree

/// How names in the source's root are written at the destination, whose root holds `.treeline` as well.
///
/// `.treeline`, `.treeline~`, `.treeline~x` gain one `~` at the destination and lose it on the way back;
/// all other names stay.
package enum RootNames {
  private static let own = Array(".treeline".utf8)

  /// The destination's own directory.
  package static let ownDirectory = Name(own)

  /// A name in the source's root as it is at the destination.
  package static func atDestination(_ name: [UInt8]) -> [UInt8] {
    guard name.starts(with: own) else { return name }
    if name.count == own.count || name[own.count] == UInt8(ascii: "~") {
      return own + [UInt8(ascii: "~")] + name.dropFirst(own.count)
    }
    return name
  }

  /// A name in the destination's root as it is in the source; nil for the destination's own directory.
  package static func inSource(_ name: [UInt8]) -> [UInt8]? {
    guard name.starts(with: own) else { return name }
    if name.count == own.count { return nil }
    if name[own.count] == UInt8(ascii: "~") { return own + name.dropFirst(own.count + 1) }
    return name
  }
}
