import CLinux
import Exclusion
import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The source as it is, looked at through system calls: objects by handle, names in directories that
/// were opened by handle; where that cannot be, by the names that the mirror knows.
final class LiveSource: SourceView {
  /// Held, so that events are collected as long as someone looks.
  private let mark: SourceMark
  let anchor: SourceAnchor
  let mirror: Mirror
  private let marks: DirectoryMarks?
  private var lister: Lister
  let followsMounts: Bool
  /// What is mounted inside and followed.
  private var grafts = GraftTable.empty
  private var attributeReader = ExtendedAttributeReader()
  var directories = DirectoryCache()
  /// The directory that was entered last, and the object that is looked at.
  private var directory: Int32 = -1
  private var object: Int32 = -1
  private var objectFlags: InodeFlags = []
  /// The graft that the directory is in.
  private var graft: UInt32 = 0

  /// - Parameters:
  ///   - mirror: used by the thread that looks.
  ///   - followsMounts: what is mounted inside is a part of the source.
  init(_ mark: SourceMark, mirror: Mirror, followsMounts: Bool = false) {
    self.mark = mark
    self.followsMounts = followsMounts
    self.mirror = mirror
    anchor = mark.anchor
    marks = mark.directoryMarks
    lister = Lister(mark.anchor)
  }

  var rootKey: ObjectKey { anchor.key }

  var isAlive: Bool { anchor.isAlive }

  private func open(_ key: ObjectKey, _ flags: OpenFlags) throws(Errno) -> Descriptor {
    if key == anchor.key { return try Descriptor.open(".", in: anchor.root.raw, flags) }
    if key.graft != 0 {
      // Without its mount nothing is known of it; where mounts are not followed it is no part of the source.
      guard followsMounts else { throw .staleNFSFileHandle }
      guard let graft = grafts[key.graft] else { throw .operationNotSupportedByDevice }
      return try key.handle.open(mount: graft.root.raw, flags: flags.rawValue)
    }
    return anchor.opensHandles
      ? try key.open(mount: anchor.root.raw, flags: flags.rawValue)
      : try openByPath(key, flags)
  }

  func enter(_ directory: ObjectKey) throws(Errno) {
    graft = directory.graft
    guard anchor.opensHandles else {
      self.directory = try openDirectory(directory)
      return
    }
    self.directory = try directories.descriptor(of: directory) { () throws(Errno) in
      try open(directory, .list)
    }
  }

  func lookAtName(
    _ name: UnsafeRawBufferPointer, _ body: (ObjectKey, Observation) throws(Errno) -> Void
  ) throws(Errno) {
    try withCString(name) { text throws(Errno) in
      // One open object gives handle and attributes, so they cannot come from two.
      let opened = try Descriptor.open(text, in: directory, .look)
      object = opened.raw
      let status = try anchor.identity.status(of: opened.raw)
      try anchor.check(status)
      let key = try anchor.identity.key(of: opened.raw, status)
      guard !key.isBtrfsPlaceholder else { throw Errno.noSuchFileOrDirectory }
      if status.kind == .directory, let graft = grafts.covering(key.inGraft(graft)) {
        let root = try Descriptor.open(".", in: graft.root.raw, .look)
        object = root.raw
        return try body(graft.key, observation(try FileStatus.of(root.raw)))
      }
      try body(key.inGraft(graft), observation(status))
    }
  }

  func lookAtObject(
    _ key: ObjectKey, _ body: (Observation) throws(Errno) -> Void
  ) throws(Errno) {
    let opened = try open(key, .look)
    object = opened.raw
    try body(observation(try anchor.identity.status(of: opened.raw)))
  }

  /// What a look shows, of the object that is looked at.
  private func observation(_ status: FileStatus) -> Observation {
    objectFlags = status.flags
    return Observation(status)
  }

  func target() throws(Errno) -> [UInt8] { try Names.target(of: "", in: object) }

  func extendedAttributes() throws(Errno) -> [UInt8] {
    try attributeReader.read(object, flags: objectFlags)
    return attributeReader.encoded
  }

  func parent(of directory: ObjectKey) throws(Errno) -> ObjectKey? {
    if !anchor.opensHandles { return try parent(ofOpen: try openDirectory(directory)) }
    let opened = try open(directory, .walk)
    if let graft = grafts[directory.graft], graft.key == directory { return graft.parent }
    return try parent(ofOpen: opened.raw)?.inGraft(directory.graft)
  }

  private func parent(ofOpen directory: Int32) throws(Errno) -> ObjectKey? {
    guard try FileStatus.of(directory).linkCount > 0 else { return nil }
    let parent = try Descriptor.open("..", in: directory, .walk)
    return try anchor.identity.key(of: parent.raw)
  }

  func rearm(
    _ file: ObjectKey, _ body: (Observation) throws(Errno) -> Void
  ) throws(Errno) {
    // A store into a page that is already dirty does not move the ctime, so the pages are written.
    let opened = try open(file, .content)
    try FileBytes.syncContent(opened.raw)
    object = opened.raw
    try body(observation(try anchor.identity.status(of: opened.raw)))
  }

  func writeBack(_ file: ObjectKey) throws(Errno) {
    let opened = try open(file, .content)
    try FileBytes.writeContent(opened.raw)
  }

  func list(
    _ directory: ObjectKey, into listing: Listing, emit: (Listing) -> Listing?
  ) throws(Errno) -> Listing? {
    try list(directory, leavingOut: nil, into: listing, emit: emit)
  }

  func list(
    _ directory: ObjectKey, leavingOut filter: NameFilter?, into listing: Listing,
    emit: (Listing) -> Listing?
  ) throws(Errno) -> Listing? {
    let opened = try open(directory, .list)
    try marks?.mark(opened.raw, directory)
    return lister.list(
      opened.raw, key: directory, leavingOut: filter, into: listing, emit: emit)
  }

  func names(
    in directory: ObjectKey, most: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(Errno) -> Bool {
    let opened = try open(directory, .list)
    return try lister.names(in: opened.raw, most: most, body)
  }

  func readTree(excluded: Set<ObjectKey>) -> any TreeListings {
    TreeReader(anchor: anchor, marks: marks, grafts: grafts, excluded: excluded)
  }

  func readTree(excluded: Set<ObjectKey>, rules: ExclusionRules) -> any TreeListings {
    TreeReader(anchor: anchor, marks: marks, grafts: grafts, excluded: excluded, rules: rules)
  }

  func hasCacheTag(in directory: ObjectKey) -> Bool {
    guard let opened = try? open(directory, .walk) else { return false }
    return CacheTag.isThere(in: opened.raw)
  }

  func letGo() { directories.removeAll() }

  var reportsByDirectory: Bool { marks != nil }

  func ignore(_ directory: ObjectKey) {
    // With a directory that is gone its mark is gone.
    guard let marks else { return }
    marks.forget(directory)
    guard let opened = try? open(directory, .list) else { return }
    marks.unmark(opened.raw)
  }

  var findsByName: Bool { !anchor.opensHandles }

  var hintsAtNames: Bool { anchor.identity != .handle }

  func key(reported handle: ObjectKey) -> ObjectKey? {
    marks.map { $0.key(reported: handle) } ?? handle
  }

  var failure: Errno? { marks?.failure }

  func isAway(_ key: ObjectKey) -> Bool {
    key.graft != 0 && followsMounts && grafts[key.graft] == nil
  }

  func isCovered(_ directory: ObjectKey) -> Bool { grafts.covering(directory) != nil }

  /// Looks for what is mounted inside the source now.
  ///
  /// - Returns: what was followed before and what is now.
  func findGrafts(
    path: [UInt8], avoiding avoided: Set<FilesystemPlace>
  ) -> (before: GraftTable, now: GraftTable) {
    let before = grafts
    grafts = mark.findGrafts(path: path, avoiding: avoided)
    lister = Lister(anchor, grafts)
    // What is open may hold a filesystem that is to be freed.
    directories.removeAll()
    return (before, grafts)
  }
}

extension TreeReader: TreeListings {}
