import LinuxSystem
import Tree

/// Writes the objects of a change set as columns: like stands beside like, so that deltas are short
/// and the compressor finds more.
enum ObjectEncoder {
  /// An upper bound of what an object takes.
  static func bound(_ object: ObjectChange, _ changes: ChangeSet) -> Int {
    var bytes = 160 + Int(object.key.count) + Int(object.target.count)
    bytes += Int(object.extendedAttributes.count)
    for link in changes.links(of: object) { bytes += 24 + Int(link.name.count) }
    return bytes
  }

  /// Appends an objects section for some of the objects.
  static func encode(
    _ changes: borrowing ChangeSet, by attribution: Attribution, _ range: Range<Int>,
    into frame: inout ByteWriter
  ) {
    frame.reserve(16)
    frame.integer(FrameLayout.Section.objects)
    frame.integer(FrameLayout.mustUnderstand)
    let lengthAt = frame.count
    frame.integer(UInt32(0))
    var linkCount: UInt64 = 0
    for object in changes.objects[range] { linkCount += UInt64(object.linkCount) }
    frame.reserve(20)
    frame.varint(UInt64(range.count))
    frame.varint(linkCount)
    for column in FrameLayout.Column.allCases {
      frame.integer(column.rawValue)
      frame.integer(FrameLayout.mustUnderstand)
      let at = frame.count
      frame.integer(UInt32(0))
      encode(column, changes, range, into: &frame)
      frame.set(UInt32(frame.count - at - 4), at: at)
    }
    if !attribution.isEmpty {
      ProcessColumn.encode(changes.objects[range], attribution, into: &frame)
    }
    frame.set(UInt32(frame.count - lengthAt - 4), at: lengthAt)
  }

  private static func encode(
    _ column: FrameLayout.Column, _ changes: borrowing ChangeSet, _ range: Range<Int>,
    into frame: inout ByteWriter
  ) {
    // Numbers take at most 20 bytes an object in any column.
    frame.reserve(range.count * 20)
    switch column {
    case .ids:
      var last: UInt64 = 0
      for object in changes.objects[range] {
        frame.signed(Int64(bitPattern: object.id.rawValue &- last))
        last = object.id.rawValue
      }
    case .facts: for object in changes.objects[range] { frame.varint(UInt64(object.facts.rawValue)) }
    case .modes: for object in changes.objects[range] { frame.varint(UInt64(object.attributes.mode)) }
    case .uids: for object in changes.objects[range] { frame.varint(UInt64(object.attributes.uid)) }
    case .gids: for object in changes.objects[range] { frame.varint(UInt64(object.attributes.gid)) }
    case .devices:
      for object in changes.objects[range] where object.attributes.kind.isDevice {
        frame.varint(object.attributes.device)
      }
    case .sizes:
      for object in changes.objects[range] where object.attributes.kind.hasSize {
        frame.varint(object.attributes.sizeBytes)
      }
    case .modified:
      var last: Int64 = 0
      for object in changes.objects[range] {
        frame.signed(object.attributes.modified.seconds &- last)
        frame.varint(UInt64(object.attributes.modified.nanoseconds))
        last = object.attributes.modified.seconds
      }
    case .changed:
      // Most often equal to the modification time, or soon after it.
      for object in changes.objects[range] {
        frame.signed(object.changed.seconds &- object.attributes.modified.seconds)
        frame.signed(
          Int64(object.changed.nanoseconds) - Int64(object.attributes.modified.nanoseconds))
      }
    case .drained:
      var last: Int64 = 0
      for object in changes.objects[range] {
        frame.signed(object.drainedSeconds &- last)
        last = object.drainedSeconds
      }
    case .linkCounts: for object in changes.objects[range] { frame.varint(UInt64(object.linkCount)) }
    case .keys:
      for object in changes.objects[range] where object.hasKey {
        append(object.key, changes, &frame)
      }
    case .targets:
      for object in changes.objects[range] where object.hasTarget {
        append(object.target, changes, &frame)
      }
    case .extendedAttributes:
      for object in changes.objects[range] where object.hasExtendedAttributes {
        append(object.extendedAttributes, changes, &frame)
      }
    case .links:
      var last: UInt64 = 0
      for object in changes.objects[range] {
        for link in changes.links(of: object) {
          frame.reserve(24 + Int(link.name.count))
          frame.signed(Int64(bitPattern: link.parent.rawValue &- last))
          last = link.parent.rawValue
          frame.varint(UInt64(link.name.count) << 1 | (link.isGained ? 1 : 0))
          changes.withBytes(link.name) { frame.append($0) }
        }
      }
    }
  }

  private static func append(
    _ slice: ChangeSet.Slice, _ changes: borrowing ChangeSet, _ frame: inout ByteWriter
  ) {
    frame.reserve(10 + Int(slice.count))
    frame.varint(UInt64(slice.count))
    changes.withBytes(slice) { frame.append($0) }
  }
}

extension FileKind {
  @inline(__always) var isDevice: Bool { self == .characterDevice || self == .blockDevice }
  @inline(__always) var hasSize: Bool { self == .regular || self == .symbolicLink }
}

extension ObjectChange {
  /// Whether the format has a key for this object.
  @inline(__always)
  var hasKey: Bool { !facts.isDisjoint(with: [.created, .content, .unsettled]) }
  @inline(__always)
  var hasTarget: Bool { facts.contains(.created) && attributes.kind == .symbolicLink }
  @inline(__always)
  var hasExtendedAttributes: Bool { !facts.isDisjoint(with: [.created, .extendedAttributes]) }
}
