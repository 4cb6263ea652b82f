import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// An open destination: its root, and beside the copy its own directory.
///
/// ```
/// D/.treeline/            0700, ours
///   destination           who this is: its own number and its journal's
///   lock                  held while it is open
///   park/                 what is being made (ID.new), relinked (ID.over), or in the way (ID)
///   annex/                what a second thread is making (ID.new): two would wait for one directory
///   history/              what was applied, in the journal's format
///   losses                which attributes of which objects cannot be held
///   scrub/                what a scrub has read, and the hashes of what was copied since
///   unsealed              what may lack flags that forbid changes, while a plan is done
///   versions/             what was replaced or removed; see VersionStore
///   foreign/              what was found here and was not ours; never touched again
/// ```
/// Everything is reached from descriptors, through no symbolic link and over no mount point.
final class Destination {
  let root: Descriptor
  let own: Descriptor
  let park: Descriptor
  let annex: Descriptor
  private let lock: Descriptor
  /// Number of the destination, 16 bytes.
  let id: [UInt8]
  /// The hashes of what is copied.
  let copied: CopiedLog
  /// What was replaced or removed; nil when nothing is to be kept.
  var versions: VersionStore?
  private var directories = OpenDirectories()
  /// Is told what is about to lose flags that forbid changes.
  var willClearFlags: ((FileStatus) throws(Errno) -> Void)?
  /// The objects that were made in the annex and have no name yet.
  private var annexed: Set<ObjectID> = []

  /// Whether files here can share blocks.
  private(set) lazy var sharesBlocks = canShareBlocks()

  /// What is found where a destination shall be.
  enum Finding {
    case ours(DestinationIdentity)
    case empty
    case foreign
  }

  /// Looks without writing.
  static func inspect(_ path: [UInt8]) throws(ReplayError) -> Finding {
    let root = try openRoot(path)
    do throws(Errno) {
      let own = try Descriptor.open(".treeline", in: root.raw, .list)
      try checkOwn(own)
      if let identity = try DestinationIdentity.read(in: own.raw) { return .ours(identity) }
      return try isEmpty(root) ? .empty : .foreign
    } catch .noSuchFileOrDirectory {
      do { return try isEmpty(root) ? .empty : .foreign } catch { throw .unavailable(error) }
    } catch .notDirectory {
      return .foreign
    } catch .tooManySymbolicLinkLevels {
      return .foreign
    } catch .notPermitted {
      throw .untrusted(".treeline belongs to another user, or others may look into it")
    } catch {
      throw .unavailable(error)
    }
  }

  /// Opens a destination for writing, and makes its own directory where there is none.
  ///
  /// - Parameter identity: what it must be; written when it is not there or `takesOver`.
  init(_ path: [UInt8], identity: DestinationIdentity, takesOver: Bool) throws(ReplayError) {
    let root = try Self.openRoot(path)
    var folding: NameFolding?
    do throws(Errno) {
      let own = try Self.makeDirectory(".treeline", in: root.raw)
      try Self.checkOwn(own)
      let lock = try Descriptor.open("lock", in: own.raw, .own, mode: 0o600)
      guard try lockPatiently(lock.raw) else {
        let holder = (try? FileBytes.readAll(lock.raw, limit: 64)) ?? []
        throw Errno(rawValue: -(Int32(String(decoding: holder, as: UTF8.self)) ?? 1))
      }
      let pid = Array("\(getpid())".utf8)
      try FileBytes.setSize(lock.raw, bytes: 0)
      try write(lock.raw, pid)
      let present = takesOver ? nil : try DestinationIdentity.read(in: own.raw)
      folding = try NameFolding.find(in: own.raw, lock: lock.raw, isNew: present == nil)
      if folding != nil {
        // What was empty stays so.
        if present == nil { try? Names.removeFile("lock", in: own.raw) }
        try? Names.removeDirectory(".treeline", in: root.raw)
        throw Errno.fileExists
      }
      park = try Self.makeDirectory("park", in: own.raw)
      annex = try Self.makeDirectory("annex", in: own.raw)
      if let present {
        id = present.id
      } else {
        try identity.write(in: own.raw)
        id = identity.id
      }
      copied = CopiedLog(in: try Self.makeDirectory("scrub", in: own.raw), destination: id)
      self.root = root
      self.own = own
      self.lock = lock
    } catch .notPermitted {
      throw .untrusted(".treeline belongs to another user, or others may look into it")
    } catch {
      if let folding { throw .foldsNames(folding.text) }
      if error.rawValue < 0 { throw .locked(pid: -error.rawValue) }
      throw .destination(error, what: "make .treeline")
    }
  }

  /// The path of a directory that a person gave, without links.
  static func resolvedPath(_ path: [UInt8]) throws(Errno) -> [UInt8] {
    let root = try Descriptor.open(given: path, .place)
    return try withCString(Array("/proc/self/fd/\(root.raw)".utf8)) { name throws(Errno) in
      try Names.target(of: name, in: AT_FDCWD)
    }
  }

  private static func openRoot(_ path: [UInt8]) throws(ReplayError) -> Descriptor {
    do { return try Descriptor.open(given: path, .listPlace) } catch { throw .unavailable(error) }
  }

  /// A directory of our own, 0700 whatever the umask and the ACLs of its parent say.
  static func makeDirectory(
    _ name: UnsafePointer<CChar>, in parent: Int32
  ) throws(Errno) -> Descriptor {
    do throws(Errno) {
      return try Descriptor.open(name, in: parent, .list)
    } catch .noSuchFileOrDirectory {
      try Names.makeDirectory(name, in: parent, mode: 0o700)
      let made = try Descriptor.open(name, in: parent, .walk)
      for acl in ["system.posix_acl_access", "system.posix_acl_default"] {
        try? ExtendedAttributes.remove(made.raw, acl)
      }
      try AttributeCalls.setMode(made.raw, 0o700)
      return try Descriptor.open(name, in: parent, .list)
    }
  }

  private static func checkOwn(_ own: borrowing Descriptor) throws(Errno) {
    let status = try FileStatus.of(own.raw)
    guard status.uid == geteuid(), status.mode & 0o077 == 0 else { throw Errno.notPermitted }
  }

  /// Whether there is nothing beside our own directory and what mke2fs puts into every filesystem.
  private static func isEmpty(_ root: borrowing Descriptor) throws(Errno) -> Bool {
    let listing = try Descriptor.open(".", in: root.raw, .list)
    var names: [[UInt8]] = []
    try forEachName(in: listing.raw) { name, _ in
      names.append(name)
      return names.count < 4
    }
    return names.allSatisfy { $0 == Array(".treeline".utf8) || $0 == Array("lost+found".utf8) }
  }

  private func canShareBlocks() -> Bool {
    do throws(Errno) {
      let one = try Descriptor.open(".", in: park.raw, .makeNameless, mode: 0o600)
      let other = try Descriptor.open(".", in: park.raw, .makeNameless, mode: 0o600)
      try FileBytes.clone(from: one.raw, to: other.raw)
      return true
    } catch {
      return false
    }
  }

  // MARK: Directories

  /// A descriptor of a directory of the tree, good until the next call.
  func directory(_ id: ObjectID, in tree: DestinationTree) throws(Errno) -> Int32 {
    if id == .root { return root.raw }
    if id == .park { return park.raw }
    if let open = directories.find(id) { return open }
    var anchor = root.raw
    let names = try path(of: id, in: tree, &anchor) { directories.find($0) }
    return directories.keep(try AnchoredPath.openDirectory(beneath: anchor, names), id)
  }

  /// Opens a directory of the tree by all of its path; several threads may do so at once.
  func openDirectory(_ id: ObjectID, in tree: DestinationTree) throws(Errno) -> Descriptor {
    if id == .park { return try Descriptor.open(".", in: park.raw, .walk) }
    var anchor = root.raw
    let names = try path(of: id, in: tree, &anchor) { _ in nil }
    return try AnchoredPath.openDirectory(beneath: anchor, names)
  }

  /// The names that lead to a directory from the nearest one above it that is open.
  private func path(
    of id: ObjectID, in tree: DestinationTree, _ anchor: inout Int32, open: (ObjectID) -> Int32?
  ) throws(Errno) -> [[UInt8]] {
    var names: [[UInt8]] = []
    var at = id
    while at != .root {
      guard let link = tree.link(of: at), names.count < 1 << 20 else {
        throw Errno.noSuchFileOrDirectory
      }
      names.append(Self.name(link))
      if link.parent == .park {
        anchor = park.raw
        break
      }
      at = link.parent
      if let directory = open(at) {
        anchor = directory
        break
      }
    }
    names.reverse()
    return names
  }

  /// The name of a link as it is written here.
  static func name(_ link: Link) -> [UInt8] {
    link.parent == .root ? RootNames.atDestination(link.name.bytes) : link.name.bytes
  }

  /// Forgets a directory that is to go.
  func forget(_ id: ObjectID) { directories.remove(id) }

  /// Closes what is only kept open for speed.
  func closeDirectories() { directories.removeAll() }

  // MARK: What is being made

  /// Removes the leftovers of what a dead run was making.
  func removeStaleStaging() throws(Errno) {
    annexed = []
    for place in [park.raw, annex.raw] {
      var names: [[UInt8]] = []
      let listing = try Descriptor.open(".", in: place, .list)
      try forEachName(in: listing.raw) { name, _ in
        if isStagingName(name) { names.append(name) }
        return true
      }
      for name in names { Self.removeStaged(name, in: place) }
    }
  }

  /// Removes something that was being made; a directory with all that was made in it.
  func removeStaged(_ id: ObjectID) {
    Self.removeStaged(Link.staged(id).name.bytes, in: place(ofStaged: id))
    annexed.remove(id)
  }

  static func removeStaged(_ name: [UInt8], in place: Int32) {
    let isRemoved = withCString(name) { name in
      (try? Names.removeFile(name, in: place)) != nil
        || (try? Names.removeDirectory(name, in: place)) != nil
    }
    if !isRemoved { try? removeStagedTree(name, in: place) }
  }

  /// The directory in which an object was made.
  func place(ofStaged id: ObjectID) -> Int32 { annexed.contains(id) ? annex.raw : park.raw }

  /// Notes that an object was made in the annex.
  func noteAnnexed(_ id: ObjectID) { annexed.insert(id) }

  /// Notes that an object that was made has its name.
  func notePublished(_ id: ObjectID) { if !annexed.isEmpty { annexed.remove(id) } }
}

/// Whether a name in the park is of something that was being made: digits and `.new` or `.over`.
func isStagingName(_ name: [UInt8]) -> Bool {
  guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0 else { return false }
  let ending = name[dot...]
  return name[..<dot].allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    && (ending.elementsEqual(".new".utf8) || ending.elementsEqual(".over".utf8))
}

/// Writes all of some bytes at the start of a file.
func write(_ descriptor: Int32, _ bytes: [UInt8]) throws(Errno) {
  var failure: Errno? = nil
  bytes.withUnsafeBytes { buffer in
    do throws(Errno) { try FileBytes.write(descriptor, at: 0, buffer) } catch { failure = error }
  }
  if let failure { throw failure }
}
