import CLinux
import Exclusion
import Glibc
import LinuxSystem
import SystemPackage

/// The source as it is, looked at through system calls: objects by handle, names in directories that
/// were opened by handle.
final class LiveSource: SourceView {
  /// Held, so that events are collected as long as someone looks.
  private let mark: SourceMark
  private let anchor: SourceAnchor
  private let marks: DirectoryMarks?
  private let lister = Lister()
  private var attributeReader = ExtendedAttributeReader()
  private var directories = DirectoryCache()
  /// The directory that was entered last, and the object that is looked at.
  private var directory: Int32 = -1
  private var object: Int32 = -1

  init(_ mark: SourceMark) {
    self.mark = mark
    anchor = mark.anchor
    marks = mark.directoryMarks
  }

  var rootKey: ObjectKey { anchor.key }

  var isAlive: Bool { anchor.isAlive }

  private func open(_ key: ObjectKey, _ flags: OpenFlags) throws(Errno) -> Descriptor {
    key == anchor.key
      ? try Descriptor.open(".", in: anchor.root.raw, flags)
      : try key.open(mount: anchor.root.raw, flags: flags.rawValue)
  }

  func enter(_ directory: ObjectKey) throws(Errno) {
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
      let key = try ObjectKey.of(opened.raw)
      guard !key.isBtrfsPlaceholder else { throw Errno.noSuchFileOrDirectory }
      try body(key, Observation(try FileStatus.of(opened.raw)))
    }
  }

  func lookAtObject(
    _ key: ObjectKey, _ body: (Observation) throws(Errno) -> Void
  ) throws(Errno) {
    let opened = try open(key, .look)
    object = opened.raw
    try body(Observation(try FileStatus.of(opened.raw)))
  }

  func target() throws(Errno) -> [UInt8] { try Names.target(of: "", in: object) }

  func extendedAttributes() throws(Errno) -> [UInt8] {
    try attributeReader.read(object)
    return attributeReader.encoded
  }

  func parent(of directory: ObjectKey) throws(Errno) -> ObjectKey? {
    let opened = try open(directory, .walk)
    guard try FileStatus.of(opened.raw).linkCount > 0 else { return nil }
    let parent = try Descriptor.open("..", in: opened.raw, .walk)
    return try ObjectKey.of(parent.raw)
  }

  func rearm(
    _ file: ObjectKey, _ body: (Observation) throws(Errno) -> Void
  ) throws(Errno) {
    // A store into a page that is already dirty does not move the ctime, so the pages are written.
    let opened = try open(file, .content)
    try FileBytes.syncContent(opened.raw)
    object = opened.raw
    try body(Observation(try FileStatus.of(opened.raw)))
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
    marks?.mark(opened.raw)
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
    TreeReader(anchor: anchor, marks: marks, excluded: excluded)
  }

  func readTree(excluded: Set<ObjectKey>, rules: ExclusionRules) -> any TreeListings {
    TreeReader(anchor: anchor, marks: marks, excluded: excluded, rules: rules)
  }

  func hasCacheTag(in directory: ObjectKey) -> Bool {
    guard let opened = try? open(directory, .walk) else { return false }
    return CacheTag.isThere(in: opened.raw)
  }

  func letGo() { directories.removeAll() }

  var reportsByDirectory: Bool { marks != nil }

  func ignore(_ directory: ObjectKey) {
    // With a directory that is gone its mark is gone.
    guard let marks, let opened = try? open(directory, .list) else { return }
    marks.unmark(opened.raw)
  }

  var failure: Errno? { marks?.failure }
}

extension TreeReader: TreeListings {}
