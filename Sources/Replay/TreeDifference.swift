import SystemPackage

/// One way in which a destination differs from its source.
package struct TreeDifference: Hashable, Sendable {
  package enum What: Hashable, Sendable {
    case onlyInSource
    case onlyInDestination
    case kind
    case mode
    case owner
    case size
    case modified
    /// Names that are one object on one side are several on the other.
    case linkGroup
    case target
    case device
    case extendedAttributes
    /// Flags of chattr(1) that both filesystems tell of.
    case flags
    case content
    /// It could not be compared.
    case unreadable(Errno)
  }

  /// From the source's root, without a slash in front; empty for the root itself.
  package var path: [UInt8]
  package var what: What
}
