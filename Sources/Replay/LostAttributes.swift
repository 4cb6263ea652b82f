import LinuxSystem

/// Attributes of an object that a destination does not hold as the source has them.
package struct LostAttributes: OptionSet, Hashable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let owner = LostAttributes(rawValue: 1)
  package static let mode = LostAttributes(rawValue: 2)
  package static let modified = LostAttributes(rawValue: 4)
  /// POSIX ACLs.
  package static let accessLists = LostAttributes(rawValue: 8)
  /// Extended attributes of users.
  package static let user = LostAttributes(rawValue: 16)
  /// Capabilities and labels.
  package static let security = LostAttributes(rawValue: 32)
  package static let trusted = LostAttributes(rawValue: 64)
  /// Extended attributes of other namespaces.
  package static let others = LostAttributes(rawValue: 128)
  /// Flags of chattr(1).
  package static let flags = LostAttributes(rawValue: 256)

  /// All that setxattr(2) sets, and the flags that travel with it.
  static let extended: LostAttributes = [.accessLists, .user, .security, .trusted, .others, .flags]

  /// Of what kind an extended attribute is.
  init(extendedAttribute name: [UInt8]) {
    self =
      if name.starts(with: "system.posix_acl_".utf8) {
        .accessLists
      } else if name.starts(with: "user.".utf8) {
        .user
      } else if name.starts(with: "security.".utf8) {
        .security
      } else if name.starts(with: "trusted.".utf8) {
        .trusted
      } else {
        .others
      }
  }
}

/// What came of setting attributes of one object.
struct SetOutcome {
  /// What was set, or would have been if it could be held.
  var tried: LostAttributes = []
  /// What of that the destination does not hold.
  var lost: LostAttributes = []
  /// The flags that forbid changes that it is to have when all else is done; nil when that is not known.
  var sealing: InodeFlags? = nil
  /// The other flags that it is to have.
  var passing: InodeFlags = []
  /// Something was not permitted; the object's flags may forbid it.
  var isForbidden = false
}
