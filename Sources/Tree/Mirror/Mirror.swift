import LinuxSystem

/// The tree as it was last observed, keyed by file handle, and what has changed in it since the
/// last commit was taken.
///
/// Columns of plain values, one row a node; a node's first link stands in its row, further ones in
/// a table of their own. A directory's subtree hangs on its row, so moving it costs one link.
/// Nothing is allocated per node.
public final class Mirror {
  /// The row of an object while it is in the mirror.
  public struct Node: Hashable, Sendable {
    package let row: UInt32
    package init(row: UInt32) { self.row = row }
  }

  /// One name of an object: a row with the top bit set is in the table of further links.
  public struct LinkPlace: Hashable, Sendable {
    let row: UInt32
    @inline(__always) var isExtra: Bool { row & 0x8000_0000 != 0 }
    @inline(__always) var extra: Int { Int(row & 0x7fff_ffff) }
  }

  struct Flags: OptionSet, BitwiseCopyable {
    let rawValue: UInt16
    /// In `touched`: something of it goes into the next commit.
    static let touched = Flags(rawValue: 1)
    /// Not in any commit yet.
    static let created = Flags(rawValue: 2)
    static let removed = Flags(rawValue: 4)
    static let attributesChanged = Flags(rawValue: 8)
    static let extendedAttributesChanged = Flags(rawValue: 16)
    /// Its settled content goes into the next commit.
    static let content = Flags(rawValue: 32)
    /// Its content may differ from what was last committed.
    static let suspect = Flags(rawValue: 64)
    /// `suspect`, and the last commit does not say so yet.
    static let suspectIsNews = Flags(rawValue: 128)
    /// Its first link is not in any commit yet.
    static let linkIsNew = Flags(rawValue: 256)
    /// The scan of its first link's directory met it.
    static let linkIsSeen = Flags(rawValue: 512)
    static let hasExtraLinks = Flags(rawValue: 1024)
    static let hasExtendedAttributes = Flags(rawValue: 2048)
    /// The row is in use.
    static let live = Flags(rawValue: 4096)
    /// Times that do not fit 64 bits of nanoseconds are in `farTimes`.
    static let hasFarTimes = Flags(rawValue: 8192)
  }

  struct Owner: Hashable {
    var uid: UInt32
    var gid: UInt32
  }

  struct FarTimes {
    var modified: Timestamp
    var changed: Timestamp
  }

  struct ExtraLink: BitwiseCopyable {
    var node: UInt32
    var parent: UInt32
    var name: UInt32
    var next: UInt32
    var previous: UInt32
    /// The node's next further link; also the chain of free rows.
    var nextOfNode: UInt32
    var isNew: Bool
    var isSeen: Bool
  }

  struct LostLink {
    var node: UInt32
    var parent: ObjectID
    var nameOffset: UInt32
    var nameCount: UInt32
  }

  // One row a node.
  var ids = Column<UInt64>()
  var keyKinds = Column<UInt8>()
  var keyBytes = Column<UInt8>()
  var modes = Column<UInt16>()
  var owners = Column<UInt32>()
  /// Size, target length, device, or (of a directory) its first child link.
  var sizes = Column<UInt64>()
  var modified = Column<Int64>()
  var changed = Column<Int64>()
  var drained = Column<UInt32>()
  var flags = Column<Flags>()
  var parents = Column<UInt32>()
  var names = Column<UInt32>()
  var nextSibling = Column<UInt32>()
  var previousSibling = Column<UInt32>()

  var extraLinks = Column<ExtraLink>()
  var firstExtra: [UInt32: UInt32] = [:]
  var freeExtra: UInt32 = 0

  /// Names: length in one byte, then the bytes.
  var nameBytes = Column<UInt8>()
  var wastedNameBytes = 0

  var keyIndex = SlotIndex()
  var nameIndex = SlotIndex()

  /// Bytes a key takes in `keyBytes`: that of the root's, which on a filesystem all share.
  let keyStride: Int
  var kinds: [(type: Int32, byteCount: Int32)] = []
  /// Keys that do not fit the stride.
  var longKeys: [UInt32: ObjectKey] = [:]
  static let longKeyKind: UInt8 = 255

  var ownerNumbers: [Owner: UInt32] = [:]
  var ownerTable: [Owner] = []
  var farTimes: [UInt32: FarTimes] = [:]
  var targets: [UInt32: [UInt8]] = [:]
  var extendedAttributes = InternedBytes()

  var freeRows: UInt32 = 0
  /// The number that the next new object gets.
  public internal(set) var nextID: ObjectID
  /// Objects in the mirror, the root among them.
  public internal(set) var nodeCount = 0

  /// Rows with something for the next commit, each once.
  var touched: [UInt32] = []
  var lost: [LostLink] = []
  var lostNames: [UInt8] = []
  /// How many objects the next commit removes.
  public internal(set) var pendingRemovals = 0

  /// A mirror with nothing in it but the root, which is new.
  public init(root key: ObjectKey, nextID: ObjectID = .first) {
    keyStride = max(8, (Int(key.byteCount) + 3) & ~3)
    self.nextID = nextID
    // Row 0 means "none".
    extendRows(to: 1)
    extraLinks.extend(to: 1)
    nameBytes.append(0)
    let row = insertRow(key: key, id: .root)
    precondition(row == 1, "the root is the first row")
  }

  /// The source directory itself.
  public var root: Node { Node(row: 1) }

  func extendRows(to count: Int) {
    ids.extend(to: count)
    keyKinds.extend(to: count)
    keyBytes.extend(to: count * keyStride)
    modes.extend(to: count)
    owners.extend(to: count)
    sizes.extend(to: count)
    modified.extend(to: count)
    changed.extend(to: count)
    drained.extend(to: count)
    flags.extend(to: count)
    parents.extend(to: count)
    names.extend(to: count)
    nextSibling.extend(to: count)
    previousSibling.extend(to: count)
  }

  /// Adds an object that no commit knows yet. It has no link and no attributes.
  public func add(key: ObjectKey) -> Node {
    precondition(nextID <= .last, "object numbers are used up")
    let row = insertRow(key: key, id: nextID)
    nextID = ObjectID(nextID.rawValue + 1)
    touch(row, .created)
    return Node(row: row)
  }

  func insertRow(key: ObjectKey, id: ObjectID) -> UInt32 {
    let row: UInt32
    if freeRows != 0 {
      row = freeRows
      freeRows = nextSibling[row]
    } else {
      row = UInt32(ids.count)
      precondition(row < 0x8000_0000, "the mirror holds at most 2^31 objects")
      extendRows(to: ids.count + 1)
    }
    ids[row] = id.rawValue
    store(key, row)
    modes[row] = 0
    sizes[row] = 0
    drained[row] = 0
    flags[row] = .live
    parents[row] = 0
    names[row] = 0
    nextSibling[row] = 0
    previousSibling[row] = 0
    keyIndex.insert(row, key.mixed) { self.keyHash($0) }
    nodeCount += 1
    return row
  }

  /// Frees a row whose removal is committed, or that no commit ever knew.
  func freeRow(_ row: UInt32) {
    if flags[row].contains(.hasFarTimes) { farTimes[row] = nil }
    if modes[row] >> 12 == 10 { targets[row] = nil }
    if flags[row].contains(.hasExtendedAttributes) { extendedAttributes.remove(row) }
    if keyKinds[row] == Self.longKeyKind { longKeys[row] = nil }
    flags[row] = []
    nextSibling[row] = freeRows
    freeRows = row
  }

  @inline(__always)
  func touch(_ row: UInt32, _ added: Flags) {
    var now = flags[row]
    if !now.contains(.touched) {
      touched.append(row)
      now.insert(.touched)
    }
    now.formUnion(added)
    flags[row] = now
  }

  /// Bytes of memory that the mirror's tables hold.
  public var residentBytes: Int {
    ids.count * (8 + 1 + keyStride + 2 + 4 + 8 + 8 + 8 + 4 + 2 + 4 + 4 + 4 + 4) + nameBytes.count
      + (keyIndex.count + nameIndex.count) * 8
  }
}
