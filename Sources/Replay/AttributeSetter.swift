import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Sets the attributes of objects at a destination, and says once what it cannot hold.
///
/// The order is owner, extended attributes and ACLs, flags, mode, time: a change of owner drops setuid bits
/// and capabilities, and mode and ACL rewrite each other's mask. Flags that forbid changes come after all that
/// may be changed still: see `seal`.
struct AttributeSetter: ~Copyable {
  private let onLoss: ((AttributeLoss) -> Void)?
  private(set) var losses: Set<AttributeLoss> = []
  private var reader = ExtendedAttributeReader()
  private let user = geteuid()
  private let group = getegid()
  /// What the object that is at hand has come to.
  private var outcome = SetOutcome()
  /// Whether a time was seen to be kept to the nanosecond; until then each is looked at again.
  private var keepsNanoseconds = false

  init(onLoss: ((AttributeLoss) -> Void)?) { self.onLoss = onLoss }

  /// What is known of the object before.
  enum Present {
    /// It was made by us a moment ago: our owner, and no extended attributes. Its flags may be those of the
    /// directory that it was made in, which `correctFlags` is for: a look before anything is set would have
    /// each change take a time of its own, and what is noted of many would not resemble each other.
    case fresh
    /// Anything.
    case unknown
  }

  /// Sets all that is given but flags that forbid changes; O_PATH descriptors serve.
  ///
  /// - Parameter extended: all that the object must have, its flags among them; nil leaves them.
  /// - Returns: what of it the destination does not hold.
  /// - Throws: what fails for another reason than that the filesystem cannot hold it.
  mutating func set(
    _ descriptor: Int32, _ attributes: Attributes, extended: [UInt8]?, present: Present,
    setsModified: Bool = true
  ) throws(Errno) -> SetOutcome {
    outcome = SetOutcome(tried: extended == nil ? [.owner, .mode] : [.owner, .mode, .extended])
    var owner = (uid: user, gid: group)
    var flags: InodeFlags? = nil
    if present == .unknown {
      let status = try FileStatus.of(descriptor)
      owner = (status.uid, status.gid)
      flags = status.flags
    }
    var mode = attributes.mode
    if owner != (attributes.uid, attributes.gid), try !setOwner(descriptor, attributes) {
      // Under another owner these would lend out the wrong rights.
      mode &= ~0o6000
      if mode != attributes.mode { outcome.lost.insert(.mode) }
    }
    if var extended {
      var wanted = InodeFlags.take(from: &extended)
      if attributes.kind != .regular, attributes.kind != .directory { wanted = [] }
      try setExtended(descriptor, extended, present)
      outcome.sealing = wanted.intersection(.forbidding)
      outcome.passing = wanted.intersection(.noDump)
      if let flags { try setFlags(descriptor, outcome.passing, flags.intersection(.noDump)) }
    }
    if attributes.kind != .symbolicLink {
      do throws(Errno) {
        try AttributeCalls.setMode(descriptor, mode)
      } catch {
        try lose(.mode(error), error, .mode)
      }
    }
    if setsModified { try changeModified(descriptor, attributes.modified) }
    return outcome
  }

  /// Sets what an object that was made a moment ago has of flags, where it is not what it must be.
  ///
  /// - Parameter status: after all else was set.
  mutating func correctFlags(
    _ descriptor: Int32, _ status: FileStatus, _ result: inout SetOutcome
  ) throws(Errno) {
    outcome = result
    try setFlags(descriptor, result.passing, status.flags.intersection(.noDump))
    result = outcome
  }

  /// Sets flags that forbid changes: the last that is done to an object.
  mutating func seal(_ descriptor: Int32, _ flags: InodeFlags) throws(Errno) -> SetOutcome {
    outcome = SetOutcome(tried: .flags)
    try setFlags(descriptor, flags, [])
    return outcome
  }

  private mutating func setFlags(
    _ descriptor: Int32, _ wanted: InodeFlags, _ present: InodeFlags
  ) throws(Errno) {
    if wanted == present { return }
    do throws(Errno) {
      try AttributeCalls.changeFlags(
        descriptor, adding: wanted, removing: present.subtracting(wanted))
    } catch {
      try lose(.flags(wanted, error), error, .flags)
    }
  }

  /// Sets the modification time only.
  ///
  /// - Returns: whether the destination holds it.
  mutating func setModified(_ descriptor: Int32, _ time: Timestamp) throws(Errno) -> SetOutcome {
    outcome = SetOutcome()
    try changeModified(descriptor, time)
    return outcome
  }

  private mutating func changeModified(_ descriptor: Int32, _ time: Timestamp) throws(Errno) {
    outcome.tried.insert(.modified)
    do throws(Errno) {
      try AttributeCalls.setModified(descriptor, time)
      // A filesystem that keeps less of a time cuts it and says nothing.
      let isFine = time.nanoseconds % 10 != 0
      if keepsNanoseconds, 0..<(1 << 31) ~= time.seconds { return }
      if time.nanoseconds == 0, 0..<(1 << 31) ~= time.seconds, time.seconds % 2 == 0 { return }
      guard try FileStatus.of(descriptor).modified == time else { throw Errno.outOfRange }
      if isFine { keepsNanoseconds = true }
    } catch {
      try lose(.time(error), error, .modified)
    }
  }

  /// uid or gid -1 mean "leave it" to chown(2), so they cannot be set.
  /// - Returns: whether the destination holds the owner now.
  private mutating func setOwner(
    _ descriptor: Int32, _ attributes: Attributes
  ) throws(Errno) -> Bool {
    if attributes.uid == .max || attributes.gid == .max { throw Errno.invalidArgument }
    do throws(Errno) {
      try AttributeCalls.setOwner(descriptor, uid: attributes.uid, gid: attributes.gid)
      return true
    } catch {
      try lose(.owner(error), error, .owner)
      return false
    }
  }

  private mutating func setExtended(
    _ descriptor: Int32, _ wanted: [UInt8], _ present: Present
  ) throws(Errno) {
    if present == .fresh, wanted.isEmpty { return }
    if present == .unknown {
      try reader.read(descriptor)
      if reader.encoded == wanted { return }
      let names = Set(decodeExtendedAttributes(wanted).map(\.name))
      // ACLs of others and labels that come with every object go first, so that they cannot add up.
      for old in decodeExtendedAttributes(reader.encoded) where !names.contains(old.name) {
        do throws(Errno) {
          try withCString(old.name) { name throws(Errno) in
            try ExtendedAttributes.remove(descriptor, name)
          }
        } catch {
          if error != .noData {
            try lose(
              .extendedAttribute(space(old.name), error), error, .init(extendedAttribute: old.name))
          }
        }
      }
    }
    for attribute in decodeExtendedAttributes(wanted) {
      do throws(Errno) {
        try withCString(attribute.name) { name throws(Errno) in
          var failure: Errno? = nil
          attribute.value.withUnsafeBytes { value in
            do throws(Errno) { try ExtendedAttributes.set(descriptor, name, value) } catch {
              failure = error
            }
          }
          if let failure { throw failure }
        }
      } catch {
        // ext4 has one block for all attributes of an object, and calls that full too.
        let cause = error == .noSpace && hasRoom(descriptor) ? Errno.argListTooLong : error
        try lose(
          .extendedAttribute(space(attribute.name), cause), cause,
          .init(extendedAttribute: attribute.name))
      }
    }
  }

  /// Whether the filesystem has blocks left for more than any attribute takes.
  private func hasRoom(_ descriptor: Int32) -> Bool {
    var status = statvfs()
    return fstatvfs(descriptor, &status) == 0 && status.f_bavail > 64
  }

  private func space(_ name: [UInt8]) -> [UInt8] {
    if name.starts(with: Array("system.".utf8)) { return name }
    return Array(name.prefix { $0 != UInt8(ascii: ".") })
  }

  /// Tells what another setter met at the same destination.
  mutating func tell(_ others: Set<AttributeLoss>) {
    for loss in others where losses.insert(loss).inserted { onLoss?(loss) }
  }

  /// A filesystem that cannot hold an attribute, or a user who may not set it, is no reason to stop.
  private mutating func lose(
    _ loss: AttributeLoss, _ error: Errno, _ lost: LostAttributes
  ) throws(Errno) {
    switch error {
    case .notSupported, .notPermitted, .permissionDenied, .invalidArgument, .noFunction,
      .outOfRange, .argListTooLong:
      outcome.lost.insert(lost)
      if error == .notPermitted { outcome.isForbidden = true }
      if losses.insert(loss).inserted { onLoss?(loss) }
    default:
      throw error
    }
  }
}

/// The attributes in the encoding of `ExtendedAttributeReader`; what is malformed is left out.
func decodeExtendedAttributes(_ encoded: [UInt8]) -> [(name: [UInt8], value: [UInt8])] {
  var attributes: [(name: [UInt8], value: [UInt8])] = []
  var at = 0
  while at < encoded.count {
    let nameCount = Int(encoded[at])
    guard nameCount > 0, encoded.count - at >= 1 + nameCount + 4 else { break }
    let name = Array(encoded[at + 1..<at + 1 + nameCount])
    at += 1 + nameCount
    let valueCount =
      Int(encoded[at]) | Int(encoded[at + 1]) << 8 | Int(encoded[at + 2]) << 16
      | Int(encoded[at + 3]) << 24
    at += 4
    guard encoded.count - at >= valueCount else { break }
    if !name.contains(0) { attributes.append((name, Array(encoded[at..<at + valueCount]))) }
    at += valueCount
  }
  return attributes
}
