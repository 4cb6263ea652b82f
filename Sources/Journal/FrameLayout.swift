/// The numbers of the format; `Format.md` draws them.
enum FrameLayout {
  /// "TLC1", little-endian: the first bytes of every frame's content.
  static let magic: UInt32 = 0x3143_4C54
  /// The fixed part of a frame's content.
  static let headerBytes = 64
  /// A further frame of the same commit follows.
  static let moreFlag: UInt16 = 1
  /// The commit stands for a range of commits; a reader must know it.
  static let compactedFlag: UInt16 = 0x100
  /// The content of a compacted frame: larger ones compress better.
  static let compactedBytesMax = 4 << 20
  /// The content of a frame, unless one object alone takes more.
  static let plainBytesMax = 1 << 20
  /// The content of any frame; a frame that claims more is refused before anything is allocated.
  static let plainBytesLimit = 16 << 20
  /// The objects of one commit: with what an entry takes in memory, 2 GiB.
  static let objectCountMax = 1 << 24
  /// The number of any commit: what is above would leave no room to count on.
  static let sequenceMax = UInt64(Int64.max)
  /// Commit or frame flags that a reader must know, or refuse the frame.
  static let flagsToUnderstand: UInt16 = 0xff00
  /// A reader that does not know a section or column with this flag refuses the frame.
  static let mustUnderstand: UInt8 = 1

  enum Section {
    static let marks: UInt8 = 1
    static let objects: UInt8 = 2
    static let checkpointEnd: UInt8 = 3
    static let packedObjects: UInt8 = 4
    /// What came and went, and who did it; a reader may pass over it.
    static let transients: UInt8 = 5
  }

  /// The columns of a section of packed objects, in the order in which they stand; an empty one is left out.
  enum PackedColumn: UInt8, CaseIterable {
    case ids = 1
    case facts, modes, uids, gids, devices, sizes, modified, nanoseconds, changed, changedNanoseconds, drained,
      linkCounts, keys, targets, extendedAttributes, parents, names

    /// One more than the highest number.
    static let end = 19
  }

  /// A reader may pass over a packed column whose number has this bit.
  static let mayPassOver: UInt8 = 0x80

  /// The columns of an objects section as they were first written, in the order in which they stand.
  enum Column: UInt8, CaseIterable {
    case ids = 1
    case facts, modes, uids, gids, devices, sizes, modified, changed, drained, linkCounts, keys,
      targets, extendedAttributes, links
  }

  /// Who changed the objects; a reader may pass over this column, in either section.
  static let processesColumn: UInt8 = 19
  /// Columns that stand after `Column`'s and that later versions may fill: the sequence of each object's
  /// previous record (16), content hashes (17), further locators (18).
  static let reservedColumns: ClosedRange<UInt8> = 16...18
}
