import Glibc
import LinuxSystem
import Tree

/// Writes a section of packed objects: columns, like beside like, so that numbers are short, what is always the
/// same is said once, and the compressor finds more.
///
/// Each column has a place of its own with room for all that can come; blocks of objects go through all columns
/// while they are in the processor's nearest memory.
struct PackedEncoder: ~Copyable {
  private var order = ObjectOrder()
  private var area = Storage<UInt8>()
  private var cursors = Storage<ByteCursor>(capacity: FrameLayout.PackedColumn.end)
  private var runs = Storage<Run>(capacity: FrameLayout.PackedColumn.end)

  init() {}

  /// Objects of which all columns are written before the next come: 16 KiB of them.
  private static let blockCount = 128

  /// Appends how many objects and links there are, and their columns.
  ///
  /// - Parameters:
  ///   - isFixed: whether the objects stay in their order.
  ///   - bound: what `ObjectEncoder.bound` said of them.
  mutating func encode(
    _ objects: UnsafeBufferPointer<ObjectChange>, _ links: UnsafeBufferPointer<LinkChange>,
    _ arena: UnsafeRawBufferPointer, isFixed: Bool, bound: Int, into frame: inout ByteWriter
  ) {
    order.arrange(objects, isFixed: isFixed)
    let linkCount = order.allLinkCount
    area.reserve(bound + (FrameLayout.PackedColumn.end + 2) * ByteCursor.slackBytes)
    var at = area.base
    for column in FrameLayout.PackedColumn.allCases {
      (cursors.base + Int(column.rawValue)).initialize(to: ByteCursor(at))
      (runs.base + Int(column.rawValue)).initialize(to: Run())
      at += column.bytesMax * (column.isOfLinks ? linkCount : objects.count) + ByteCursor.slackBytes
    }
    let words = at
    let names = words + order.keyBytes + ByteCursor.slackBytes
    var columns = PackedColumns(
      objects: objects, links: links, arena: arena, kinds: order.kinds, cursors: cursors.base, runs: runs.base,
      words: ByteCursor(words), names: ByteCursor(names))
    let indices = order.indices
    var start = 0
    while start < indices.count {
      let end = min(start + Self.blockCount, indices.count)
      columns.encode(UnsafeBufferPointer(rebasing: indices[start..<end]))
      start = end
    }
    frame.reserve(bound + ObjectEncoder.roomBytes)
    frame.varint(UInt64(objects.count))
    frame.varint(UInt64(linkCount))
    var place = area.base
    for column in FrameLayout.PackedColumn.allCases {
      columns.finish(column)
      let own = UnsafeRawBufferPointer(
        start: place, count: columns.cursors[Int(column.rawValue)].at - place)
      place += column.bytesMax * (column.isOfLinks ? linkCount : objects.count) + ByteCursor.slackBytes
      var more = 0
      switch column {
      case .keys: more = columns.words.at - words
      case .names: more = columns.names.at - names
      case .targets: more = columns.targetBytes
      case .extendedAttributes: more = columns.extendedAttributeBytes
      default: break
      }
      if own.count + more == 0 { continue }
      frame.integer(column.rawValue)
      frame.varint(UInt64(own.count + more))
      frame.append(own)
      switch column {
      case .keys: columns.appendPlanes(of: words, &frame)
      case .names: frame.append(UnsafeRawBufferPointer(start: names, count: more))
      case .targets where more > 0:
        for index in indices where objects[Int(index)].hasTarget {
          columns.append(objects[Int(index)].target, &frame)
        }
      case .extendedAttributes where more > 0:
        for index in indices where objects[Int(index)].hasExtendedAttributes {
          columns.append(objects[Int(index)].extendedAttributes, &frame)
        }
      default: break
      }
    }
  }

  /// The objects in the order in which they were written last.
  func written(_ objects: ArraySlice<ObjectChange>) -> [ObjectChange] {
    order.indices.map { objects[objects.startIndex + Int($0)] }
  }

  /// A value, and how many in succession have it.
  struct Run {
    var value: UInt64 = 0
    var count: UInt64 = 0
  }
}

extension FrameLayout.PackedColumn {
  /// What an object, or a link, takes in it at most; what its bytes take is apart. A run's count takes 4.
  var bytesMax: Int {
    switch self {
    case .ids: 9
    case .facts: 6
    case .modes: 7
    case .uids, .gids, .linkCounts, .keys, .extendedAttributes: 9
    case .devices, .sizes, .modified: 10
    case .nanoseconds: 4
    case .changed, .drained: 14
    case .changedNanoseconds, .targets: 5
    case .parents: 9
    case .names: 2
    }
  }

  var isOfLinks: Bool { self == .parents || self == .names }
}
