import LinuxSystem

/// The net change between two observed trees: facts per object, in no order.
///
/// The records are flat (no reference in them), and names, targets and the like are slices of one
/// byte arena, so that a set of any size takes a handful of allocations.
public struct ChangeSet: Sendable {
  /// Some bytes of `bytes`.
  public struct Slice: Hashable, Sendable {
    public var offset: UInt32
    public var count: UInt32
    @inlinable public init(offset: UInt32, count: UInt32) {
      self.offset = offset
      self.count = count
    }
    public static let empty = Slice(offset: 0, count: 0)
  }

  /// One entry per object that changed; no object has two.
  public var objects: [ObjectChange] = []
  /// The link changes of all objects; each object's own stand together.
  public var links: [LinkChange] = []
  /// What the slices in `objects` and `links` refer to.
  public var bytes: [UInt8] = []

  public init() {}

  public var isEmpty: Bool { objects.isEmpty }

  /// The largest arena: slices count with 32 bits. A commit is made of several sets before this.
  public static let byteCountMax = 1 << 30

  /// Forgets all, and keeps the memory for the next set.
  public mutating func removeAll() {
    objects.removeAll(keepingCapacity: true)
    links.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  /// Puts bytes into the arena.
  @inlinable
  public mutating func store(_ added: UnsafeRawBufferPointer) -> Slice {
    if added.isEmpty { return .empty }
    let slice = Slice(offset: UInt32(bytes.count), count: UInt32(added.count))
    bytes.append(contentsOf: added)
    return slice
  }

  @inlinable
  public mutating func store(_ added: [UInt8]) -> Slice {
    added.withUnsafeBytes { store($0) }
  }

  /// Puts a key into the arena: its type in 4 bytes, little-endian, then the handle's bytes.
  @inlinable
  public mutating func store(_ key: ObjectKey) -> Slice {
    let slice = Slice(offset: UInt32(bytes.count), count: UInt32(key.byteCount) + 4)
    withUnsafeBytes(of: key.type.littleEndian) { bytes.append(contentsOf: $0) }
    key.withBytes { bytes.append(contentsOf: $0) }
    return slice
  }

  /// Lends the bytes of a slice.
  @inlinable
  public func withBytes<Result>(
    _ slice: Slice, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    bytes.withUnsafeBytes {
      body(UnsafeRawBufferPointer(rebasing: $0[Int(slice.offset)..<Int(slice.offset + slice.count)]))
    }
  }

  /// A copy of the bytes of a slice.
  public func array(_ slice: Slice) -> [UInt8] {
    Array(bytes[Int(slice.offset)..<Int(slice.offset + slice.count)])
  }

  public func name(_ slice: Slice) -> Name { Name(array(slice)) }

  /// The key in a slice that `store(_: ObjectKey)` made; nil when it is none.
  public func key(_ slice: Slice) -> ObjectKey? {
    guard slice.count >= 4, slice.count <= UInt32(4 + ObjectKey.byteCountMax) else { return nil }
    return withBytes(slice) { bytes in
      ObjectKey(
        type: Int32(littleEndian: bytes.loadUnaligned(as: Int32.self)),
        bytes: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(4)))
    }
  }

  /// The links that an object lost and gained.
  @inlinable
  public func links(of object: ObjectChange) -> ArraySlice<LinkChange> {
    links[Int(object.firstLink)..<Int(object.firstLink) + Int(object.linkCount)]
  }

  /// The link of a link change, as a value of its own.
  public func link(_ change: LinkChange) -> Link { Link(change.parent, name(change.name)) }
}

/// A name that an object lost or gained.
public struct LinkChange: Hashable, Sendable {
  public var parent: ObjectID
  public var name: ChangeSet.Slice
  /// Otherwise lost.
  public var isGained: Bool

  @inlinable
  public init(parent: ObjectID, name: ChangeSet.Slice, isGained: Bool) {
    self.parent = parent
    self.name = name
    self.isGained = isGained
  }
}

/// What changed of one object, and what it is afterwards.
public struct ObjectChange: Sendable {
  /// What is said of the object.
  public struct Facts: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// It was not in the tree before. Its key, target and extended attributes are given.
    @inlinable public static var created: Facts { Facts(rawValue: 1) }
    /// It is not in the tree afterwards; `attributes` are the last known.
    @inlinable public static var removed: Facts { Facts(rawValue: 2) }
    /// Mode, owner, modification time or size may differ from before.
    @inlinable public static var attributes: Facts { Facts(rawValue: 4) }
    /// Extended attributes may differ; all that it has now are given.
    @inlinable public static var extendedAttributes: Facts { Facts(rawValue: 8) }
    /// Its content may differ, has settled, and is to be copied.
    @inlinable public static var content: Facts { Facts(rawValue: 16) }
    /// Its content may differ and has not settled: a later commit says `content`.
    @inlinable public static var unsettled: Facts { Facts(rawValue: 32) }
  }

  public var id: ObjectID
  public var facts: Facts
  /// As they are after the change; the last known if it was removed.
  public var attributes: Attributes
  /// The ctime when it was observed.
  public var changed: Timestamp
  /// The last moment, in whole seconds since 1970, at which all that was queued had been read before
  /// the object was observed.
  public var drainedSeconds: Int64
  /// Its part of `ChangeSet.links`.
  public var firstLink: UInt32
  public var linkCount: UInt32
  /// Given if it was created: see `ChangeSet.store(_: ObjectKey)`.
  public var key: ChangeSet.Slice
  /// The target of a symbolic link, given if it was created.
  public var target: ChangeSet.Slice
  /// All extended attributes, in the encoding of `ExtendedAttributeReader`, if `facts` says so or
  /// if it was created.
  public var extendedAttributes: ChangeSet.Slice

  @inlinable
  public init(
    id: ObjectID, facts: Facts, attributes: Attributes, changed: Timestamp,
    drainedSeconds: Int64 = 0, firstLink: UInt32 = 0, linkCount: UInt32 = 0,
    key: ChangeSet.Slice = .empty, target: ChangeSet.Slice = .empty,
    extendedAttributes: ChangeSet.Slice = .empty
  ) {
    self.id = id
    self.facts = facts
    self.attributes = attributes
    self.changed = changed
    self.drainedSeconds = drainedSeconds
    self.firstLink = firstLink
    self.linkCount = linkCount
    self.key = key
    self.target = target
    self.extendedAttributes = extendedAttributes
  }

  /// Which content is meant by `Facts.content`.
  public var stamp: ContentStamp {
    ContentStamp(
      sizeBytes: attributes.sizeBytes, modified: attributes.modified, changed: changed)
  }
}
