import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Makes a tree, or a part of it, as it was at an earlier point, in an empty directory.
///
/// Names and attributes come from the destination's own log, contents from its versions, or from the
/// destination where nothing has replaced them since. Directories stay closed to others until all of it is
/// there.
package final class Restorer {
  /// What could not be given back.
  package struct Trouble: Sendable {
    package var path: [UInt8]
    package var reason: Reason

    package enum Reason: Sendable {
      /// Its content is not to be had.
      case missing
      /// Its content had not settled at that point; the one before it was given back.
      case unsettled
      case failed(Errno)
      /// These attributes cannot be held where it was made.
      case lost(LostAttributes)
    }
  }

  /// How far it is.
  package struct Progress: Sendable {
    package var objects: UInt64 = 0
    package var bytes: UInt64 = 0
    package var objectsTotal: UInt64 = 0
    package var bytesTotal: UInt64 = 0
    /// What is being made.
    package var path: [UInt8] = []

    package init() {}
  }

  struct Directory {
    var id: ObjectID
    /// Its place among the directories; the root's is its own.
    var parent: Int
    var name: Name
    var selection: RestoreSelection
  }

  /// A name in one of the directories.
  struct Entry {
    var id: ObjectID
    var directory: Int
    var name: Name
  }

  let past: DestinationPast
  let point: RestorePoint
  let tree: PastTree
  var places: PastPlaces
  var versions: [ObjectID: Sequence]
  var children: [ObjectID: [(name: Name, id: ObjectID)]] = [:]
  let unsettled: Set<ObjectID>

  private var target: Int32 = -1
  var directories: [Directory] = []
  /// Where files with several names were made.
  private var made: [ObjectID: Entry] = [:]
  /// Files whose content was not where it was looked for.
  var missing: [Entry] = []
  private var copier = ContentCopier(takesHashes: false)
  private var setter = AttributeSetter(onLoss: nil)
  /// What gets flags that forbid changes when all is there.
  private var sealings: [(directory: Int, name: Name?, flags: InodeFlags)] = []
  private var progress = Progress()
  /// Is told how far it is; see `restore`.
  private var onProgress: ((Progress) -> Void)?
  let onTrouble: (Trouble) -> Void

  /// How often what a backup has moved meanwhile is looked for again.
  static let passesMax = 8

  /// Reads what is to be made.
  ///
  /// - Parameter onTrouble: is told of each object that is not given back whole.
  package init(
    _ past: DestinationPast, at point: RestorePoint, onTrouble: @escaping (Trouble) -> Void
  ) throws(ReplayError) {
    self.past = past
    self.point = point
    self.onTrouble = onTrouble
    tree = try past.tree(at: point)
    places = try past.places()
    unsettled = Set(point.unsettled)
    versions = try past.versions(after: point)
    var children: [ObjectID: [(name: Name, id: ObjectID)]] = [:]
    tree.names.forEachLink { id, link in children[link.parent, default: []].append((link.name, id)) }
    self.children = children
  }

  /// Whether something was at a path then.
  package func contains(_ path: [[UInt8]]) -> Bool {
    var at = ObjectID.root
    for name in path {
      guard let child = children[at]?.first(where: { $0.name == Name(name) }) else { return false }
      at = child.id
    }
    return true
  }

  /// Whether a directory holds nothing.
  package static func isEmpty(_ directory: Int32) throws(Errno) -> Bool {
    let listing = try Descriptor.open(".", in: directory, .list)
    var isEmpty = true
    try forEachName(in: listing.raw) { _, _ in
      isEmpty = false
      return false
    }
    return isEmpty
  }

  /// Makes what lies at some paths, or all of it.
  ///
  /// - Parameters:
  ///   - target: an empty directory.
  ///   - paths: each a list of names from the root; none means everything.
  ///   - onProgress: is told of each file, and many times while a large one is copied.
  /// - Throws: what keeps it from going on; single objects are told of instead.
  package func restore(
    to target: Int32, paths: [[[UInt8]]], onProgress: @escaping (Progress) -> Void
  ) throws(Errno) {
    self.target = target
    self.onProgress = onProgress
    defer { self.onProgress = nil }
    directories = [
      Directory(
        id: .root, parent: 0, name: Name([]),
        selection: RestoreSelection(paths.map { $0.map { Name($0) } }))
    ]
    (progress.objectsTotal, progress.bytesTotal) = amount()
    var next = 0
    while next < directories.count {
      try fill(next)
      next += 1
      onProgress(progress)
    }
    try keepUp()
    onProgress(progress)
    // The deepest first: to one that is closed to us afterwards nothing is left to do.
    for index in directories.indices.reversed() {
      let directory = directories[index]
      if index == 0, !directory.selection.isWhole { continue }
      guard let object = tree.objects[directory.id] else { continue }
      let opened = try open(index)
      try finish(opened.raw, directory.id, object, index, nil)
    }
    try seal()
    try FileBytes.syncFilesystem(target)
  }

  /// How many names there are to make, and how many bytes of content.
  private func amount() -> (objects: UInt64, bytes: UInt64) {
    var amount: (objects: UInt64, bytes: UInt64) = (0, 0)
    var counted: Set<ObjectID> = []
    var waiting: [(id: ObjectID, selection: RestoreSelection)] = [(.root, directories[0].selection)]
    while let (id, selection) = waiting.popLast() {
      for (name, child) in children[id] ?? [] {
        guard let selection = selection.of(name) else { continue }
        amount.objects += 1
        if tree.names.isDirectory(child) {
          waiting.append((child, selection))
        } else if let object = tree.objects[child], object.attributes.kind == .regular {
          if tree.names.links(of: child).count > 1, !counted.insert(child).inserted { continue }
          amount.bytes &+= object.attributes.sizeBytes
        }
      }
    }
    return amount
  }

  private func names(_ index: Int) -> [[UInt8]] {
    var names: [[UInt8]] = []
    var at = index
    while at != 0 {
      names.append(directories[at].name.bytes)
      at = directories[at].parent
    }
    return names.reversed()
  }

  func path(_ index: Int, _ name: Name?) -> [UInt8] {
    joined(names(index) + (name.map { [$0.bytes] } ?? []))
  }

  func open(_ index: Int) throws(Errno) -> Descriptor {
    try AnchoredPath.openDirectory(beneath: target, names(index))
  }

  // MARK: Making

  /// Makes what is in a directory; the directories in it are noted, and filled later.
  private func fill(_ index: Int) throws(Errno) {
    let opened = try open(index)
    for (name, id) in children[directories[index].id] ?? [] {
      guard let selection = directories[index].selection.of(name) else { continue }
      try make(Entry(id: id, directory: index, name: name), in: opened.raw, selection)
    }
  }

  func make(
    _ entry: Entry, in directory: Int32, _ selection: RestoreSelection
  ) throws(Errno) {
    do throws(Errno) {
      let isMade = try withCString(entry.name.bytes) { text throws(Errno) in
        try make(entry, text, in: directory, selection)
      }
      if isMade { progress.objects += 1 }
    } catch {
      if isFatal(error) { throw error }
      onTrouble(Trouble(path: path(entry.directory, entry.name), reason: .failed(error)))
    }
  }

  private func make(
    _ entry: Entry, _ text: UnsafePointer<CChar>, in directory: Int32, _ selection: RestoreSelection
  ) throws(Errno) -> Bool {
    let id = entry.id
    guard let object = tree.objects[id] else { throw .noSuchFileOrDirectory }
    if tree.names.isDirectory(id) {
      try Names.makeDirectory(text, in: directory, mode: 0o700)
      directories.append(
        Directory(id: id, parent: entry.directory, name: entry.name, selection: selection))
      return true
    }
    if let first = made[id] {
      let other = try open(first.directory)
      try withCString(first.name.bytes) { firstName throws(Errno) in
        try Names.link(firstName, in: other.raw, to: text, in: directory)
      }
      return true
    }
    switch object.attributes.kind {
    case .regular:
      guard try makeFile(id, object, text, in: directory, entry) else { return false }
    case .symbolicLink:
      try withCString(object.target) { target throws(Errno) in
        try Names.makeSymbolicLink(text, in: directory, to: target)
      }
      try finish(text, in: directory, id, object, entry)
    case .fifo, .socket, .characterDevice, .blockDevice:
      try Names.makeNode(
        text, in: directory, mode: object.attributes.kind.modeBits | 0o600,
        device: object.attributes.device)
      try finish(text, in: directory, id, object, entry)
    case .directory, .unknown:
      throw .invalidArgument
    }
    if tree.names.links(of: id).count > 1 { made[id] = entry }
    return true
  }

  /// - Returns: false when its content was not found: then nothing is made, and it is looked for again.
  private func makeFile(
    _ id: ObjectID, _ object: PastTree.Object, _ text: UnsafePointer<CChar>, in directory: Int32,
    _ entry: Entry
  ) throws(Errno) -> Bool {
    do throws(Errno) {
      progress.path = path(entry.directory, entry.name)
      onProgress?(progress)
      let source = try content(of: id, object)
      let made = try Descriptor.open(text, in: directory, .make, mode: 0o600)
      do throws(Errno) { try copy(source.raw, to: made.raw) } catch {
        try? Names.removeFile(text, in: directory)
        throw error
      }
      try finish(made.raw, id, object, entry.directory, entry.name)
    } catch .noSuchFileOrDirectory {
      missing.append(entry)
      return false
    }
    if unsettled.contains(id) {
      onTrouble(Trouble(path: path(entry.directory, entry.name), reason: .unsettled))
    }
    return true
  }

  func copy(_ source: Int32, to made: Int32) throws(Errno) {
    let status = try FileStatus.of(source)
    let before = progress.bytes
    copier.onCopied = { [unowned self] in
      progress.bytes += $0
      onProgress?(progress)
    }
    defer { copier.onCopied = nil }
    do throws(CopyError) { try copier.copy(from: source, to: made, status) } catch {
      switch error {
      case .reading(let errno), .writing(let errno): throw errno
      }
    }
    progress.bytes = before + status.sizeBytes
  }

  private func finish(
    _ text: UnsafePointer<CChar>, in directory: Int32, _ id: ObjectID, _ object: PastTree.Object,
    _ entry: Entry
  ) throws(Errno) {
    let made = try Descriptor.open(text, in: directory, .look)
    try finish(made.raw, id, object, entry.directory, entry.name)
  }

  func finish(
    _ made: Int32, _ id: ObjectID, _ object: PastTree.Object, _ directory: Int, _ name: Name?
  ) throws(Errno) {
    let outcome = try setter.set(
      made, object.attributes, extended: object.extendedAttributes, present: .unknown)
    if let flags = outcome.sealing, !flags.isEmpty { sealings.append((directory, name, flags)) }
    if !outcome.lost.isEmpty { onTrouble(Trouble(path: path(directory, name), reason: .lost(outcome.lost))) }
  }

  /// Sets the flags that forbid changes, when nothing is to be changed any more.
  private func seal() throws(Errno) {
    for (index, name, flags) in sealings {
      let directory = try open(index)
      let text = name?.bytes ?? [0x2e]
      let outcome = try withCString(text) { text throws(Errno) in
        let made = try Descriptor.open(text, in: directory.raw, .look)
        return try setter.seal(made.raw, flags)
      }
      if !outcome.lost.isEmpty { onTrouble(Trouble(path: path(index, name), reason: .lost(outcome.lost))) }
    }
    sealings = []
  }
}
