import LinuxSystem
import SystemPackage
import Tree

/// An object that the destination does not hold as the applied commit says.
package struct ReplayException: Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// Its content has not settled, or is no longer to be had in this state; a later commit brings it.
    case pending
    /// The destination holds a newer state than the commit says.
    case newer
    /// A call failed at the destination.
    case failed(Errno)
    /// The source cannot be read.
    case unreadable(Errno)

    /// Whether there is no room for it.
    package var saysFull: Bool { if case .failed(let errno) = self { errno.saysFull } else { false } }
  }

  package var object: ObjectID
  /// Where it belongs, from the root, without a slash in front.
  package var path: [UInt8]
  package var reason: Reason
}

/// An attribute that a destination cannot hold; reported once for each kind.
package enum AttributeLoss: Hashable, Sendable {
  case owner(Errno)
  case mode(Errno)
  /// Extended attributes of one namespace: `user`, `system.posix_acl_access` and the like.
  case extendedAttribute([UInt8], Errno)
  case time(Errno)
  /// Flags of chattr(1).
  case flags(InodeFlags, Errno)
}
