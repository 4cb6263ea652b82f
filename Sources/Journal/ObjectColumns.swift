import LinuxSystem
import Tree

/// The columns of some objects, one after the other. Room for all of them was made before.
struct ObjectColumns {
  let objects: UnsafeBufferPointer<ObjectChange>
  let links: UnsafeBufferPointer<LinkChange>
  let arena: UnsafeRawBufferPointer

  /// Writes how many objects and links there are, and all columns.
  func encode(into cursor: inout ByteCursor) {
    var linkCount = 0
    var areInOrder = true
    let firstLink = Int(objects.first?.firstLink ?? 0)
    for object in objects {
      areInOrder = areInOrder && Int(object.firstLink) == firstLink + linkCount
      linkCount += Int(object.linkCount)
    }
    cursor.varint(UInt64(objects.count))
    cursor.varint(UInt64(linkCount))
    for column in FrameLayout.Column.allCases {
      cursor.integer(column.rawValue)
      cursor.integer(FrameLayout.mustUnderstand)
      let lengthAt = cursor.at
      cursor.integer(UInt32(0))
      // A copy of its own: what is written could be the cursor itself, as far as the compiler can tell.
      var own = cursor
      if column != .links {
        encode(column, into: &own)
      } else if areInOrder {
        var last: UInt64 = 0
        encodeLinks(firstLink..<firstLink + linkCount, &last, &own)
      } else {
        var last: UInt64 = 0
        for object in objects {
          encodeLinks(Int(object.firstLink)..<Int(object.firstLink) + Int(object.linkCount), &last, &own)
        }
      }
      cursor = own
      let length = UInt32(cursor.at - lengthAt - 4)
      UnsafeMutableRawPointer(lengthAt).storeBytes(of: length.littleEndian, as: UInt32.self)
    }
  }

  private func encode(_ column: FrameLayout.Column, into kept: inout ByteCursor) {
    var cursor = kept
    switch column {
    case .ids:
      var last: UInt64 = 0
      for object in objects {
        cursor.signed(Int64(bitPattern: object.id.rawValue &- last))
        last = object.id.rawValue
      }
    case .facts: for object in objects { cursor.varint(UInt64(object.facts.rawValue)) }
    case .modes: encodeRuns(&cursor) { $0.attributes.mode }
    case .uids: encodeRuns(&cursor) { $0.attributes.uid }
    case .gids: encodeRuns(&cursor) { $0.attributes.gid }
    case .devices: for object in objects where object.hasDevice { cursor.varint(object.attributes.device) }
    case .sizes: for object in objects where object.hasSize { cursor.varint(object.attributes.sizeBytes) }
    case .modified:
      var last: Int64 = 0
      for object in objects {
        cursor.signed(object.attributes.modified.seconds &- last)
        cursor.varint(UInt64(object.attributes.modified.nanoseconds))
        last = object.attributes.modified.seconds
      }
    case .changed:
      // Most often equal to the modification time, or soon after it.
      for object in objects {
        cursor.signed(object.changed.seconds &- object.attributes.modified.seconds)
        cursor.signed(Int64(object.changed.nanoseconds) - Int64(object.attributes.modified.nanoseconds))
      }
    case .drained:
      var last: Int64 = 0
      for object in objects {
        cursor.signed(object.drainedSeconds &- last)
        last = object.drainedSeconds
      }
    case .linkCounts: for object in objects { cursor.varint(UInt64(object.linkCount)) }
    case .keys: for object in objects where object.hasKey { append(object.key, &cursor) }
    case .targets: for object in objects where object.hasTarget { append(object.target, &cursor) }
    case .extendedAttributes:
      for object in objects where object.hasExtendedAttributes { append(object.extendedAttributes, &cursor) }
    case .links: preconditionFailure("links are no object's column")
    }
    kept = cursor
  }

  /// Numbers of at most 32 bits that are most often the one before.
  @inline(__always)
  private func encodeRuns(_ cursor: inout ByteCursor, _ number: (ObjectChange) -> UInt32) {
    guard var last = objects.first.map(number) else { return }
    var encoded = ByteCursor.encoded(UInt64(last))
    for object in objects {
      let next = number(object)
      if next != last {
        last = next
        encoded = ByteCursor.encoded(UInt64(last))
      }
      cursor.append(encoded)
    }
  }

  @inline(__always)
  private func encodeLinks(_ range: Range<Int>, _ last: inout UInt64, _ cursor: inout ByteCursor) {
    for index in range {
      let link = links[index]
      cursor.signed(Int64(bitPattern: link.parent.rawValue &- last))
      last = link.parent.rawValue
      cursor.varint(UInt64(link.name.count) << 1 | (link.isGained ? 1 : 0))
      cursor.append(link.name, of: arena)
    }
  }

  /// Bytes after their count.
  @inline(__always)
  private func append(_ slice: ChangeSet.Slice, _ cursor: inout ByteCursor) {
    cursor.varint(UInt64(slice.count))
    cursor.append(slice, of: arena)
  }
}
