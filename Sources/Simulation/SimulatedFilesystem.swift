import LinuxSystem
import Tree

/// A filesystem in memory: a source, a directory outside it, and what is in them.
///
/// It is a value, so that a copy of it is a snapshot.
struct SimulatedFilesystem {
  /// Which object a handle means.
  struct Handle: Hashable {
    var inode: UInt32
    var generation: UInt32
    static let none = Handle(inode: 0, generation: 0)
  }

  static let top: Int32 = 1
  static let source: Int32 = 2
  static let outside: Int32 = 3
  /// In the source, and not part of it, where the settings say so.
  static let excluded: Int32 = 4

  let handles: Settings.HandleKind
  let inodeMax: Int
  private(set) var inodes: [SimulatedInode]

  init(_ settings: Settings) {
    handles = settings.handles
    inodeMax = settings.inodeMax
    inodes = Array(repeating: SimulatedInode(), count: inodeMax)
    inodes.reserveCapacity(inodeMax)
    for number in 1..<(settings.hasExcluded ? 5 : 4) {
      inodes[number].kind = .directory
      inodes[number].permissions = 0o755
      inodes[number].generation = UInt32(number)
    }
    add(Self.source, to: Self.top, 0)
    add(Self.outside, to: Self.top, 1)
    if settings.hasExcluded { add(Self.excluded, to: Self.source, 2) }
    inodes[Int(Self.top)].nameCount = 1
  }

  subscript(inode: Int32) -> SimulatedInode {
    _read { yield inodes[Int(inode)] }
    _modify { yield &inodes[Int(inode)] }
  }

  // MARK: Objects

  /// Takes the lowest free number, so that numbers are soon used again; nil when there is none.
  mutating func make(_ kind: FileKind, generation: UInt32) -> Int32? {
    for number in 4..<inodeMax where inodes[number].kind == .unknown {
      inodes[number].generation = generation
      inodes[number].kind = kind
      return Int32(number)
    }
    return nil
  }

  mutating func hold(_ inode: Int32) { inodes[Int(inode)].holders += 1 }

  mutating func release(_ inode: Int32) {
    inodes[Int(inode)].holders -= 1
    freeIfUnused(inode)
  }

  mutating func freeIfUnused(_ inode: Int32) {
    let object = inodes[Int(inode)]
    if object.nameCount == 0, object.holders == 0 { inodes[Int(inode)] = SimulatedInode() }
  }

  // MARK: Handles

  func handle(_ inode: Int32) -> Handle {
    Handle(inode: UInt32(inode), generation: inodes[Int(inode)].generation)
  }

  /// The object of a handle; nil when it is gone.
  func find(_ handle: Handle) -> Int32? {
    guard handle.inode < UInt32(inodes.count) else { return nil }
    let inode = inodes[Int(handle.inode)]
    return inode.kind != .unknown && inode.generation == handle.generation
      ? Int32(handle.inode) : nil
  }

  func key(_ inode: Int32) -> ObjectKey { key(handle(inode)) }

  func key(_ handle: Handle) -> ObjectKey {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    let (type, count): (Int32, Int)
    switch handles {
    case .ext4:
      words.0 = UInt64(handle.inode) | UInt64(handle.generation) << 32
      (type, count) = (1, 8)
    case .xfs:
      words.0 = UInt64(handle.inode)
      words.1 = UInt64(handle.generation)
      (type, count) = (0x81, 12)
    case .opaque:
      words.0 = UInt64(handle.inode) | UInt64(handle.generation) << 32
      words.3 = 0x6f70_6171_7565
      (type, count) = (0xf8, 32)
    }
    return withUnsafeBytes(of: words) {
      ObjectKey(type: type, bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
    }
  }

  func handle(_ key: ObjectKey) -> Handle {
    key.withBytes { bytes in
      Handle(
        inode: bytes.loadUnaligned(as: UInt32.self),
        generation: bytes.loadUnaligned(
          fromByteOffset: handles == .xfs ? 8 : 4, as: UInt32.self))
    }
  }

  // MARK: Names

  func find(_ name: UInt8, in directory: Int32) -> Int32? {
    for entry in inodes[Int(directory)].entries where entry.name == name { return entry.inode }
    return nil
  }

  /// Adds a name. Entries stand in the order of the names' numbers, which is the order in which a
  /// directory is read.
  mutating func add(_ inode: Int32, to directory: Int32, _ name: UInt8) {
    let entries = inodes[Int(directory)].entries
    var at = entries.count
    while at > 0, entries[at - 1].name > name { at -= 1 }
    inodes[Int(directory)].entries.insert(.init(name: name, inode: inode), at: at)
    inodes[Int(inode)].nameCount += 1
    if inodes[Int(inode)].isDirectory { inodes[Int(inode)].parent = directory }
  }

  mutating func remove(_ name: UInt8, from directory: Int32) {
    guard let at = inodes[Int(directory)].entries.firstIndex(where: { $0.name == name }) else {
      return
    }
    let inode = inodes[Int(directory)].entries.remove(at: at).inode
    inodes[Int(inode)].nameCount -= 1
  }

  /// Whether a directory is another one or lies in it.
  func isInside(_ directory: Int32, _ outer: Int32) -> Bool {
    var at = directory
    while at != outer {
      if at == Self.top || at == 0 { return false }
      at = inodes[Int(at)].parent
    }
    return true
  }
}
