import LinuxSystem
import Tree

extension ObjectEncoder {
  /// An object that fills more than a frame, as several: all but the first have only links.
  ///
  /// Nothing bounds the links of one object: ext4 allows 65,000, xfs 2^31.
  /// - Parameter facts: of the further pieces.
  /// - Throws: `recordTooLarge`: its extended attributes are not split.
  static func pieces(
    of object: ObjectChange, _ changes: borrowing ChangeSet, further facts: ObjectChange.Facts
  ) throws(JournalError) -> [ChangeSet] {
    var first = object
    var piece = ChangeSet()
    first.key = changes.withBytes(object.key) { piece.store($0) }
    first.target = changes.withBytes(object.target) { piece.store($0) }
    first.extendedAttributes = changes.withBytes(object.extendedAttributes) { piece.store($0) }
    guard piece.bytes.count < FrameLayout.plainBytesLimit - ProcessColumn.objectBytesMax - 8_192
    else {
      throw .recordTooLarge(object.id)
    }
    first.firstLink = 0
    first.linkCount = 0
    piece.objects.append(first)
    var pieces: [ChangeSet] = []
    var bytes = 8_192 + piece.bytes.count
    for link in changes.links(of: object) {
      let added = 24 + Int(link.name.count)
      if bytes + added > FrameLayout.plainBytesMax, piece.objects[0].linkCount > 0 || bytes > 16_384 {
        pieces.append(piece)
        piece = ChangeSet()
        piece.objects.append(
          ObjectChange(
            id: object.id, facts: facts, attributes: object.attributes, changed: object.changed,
            drainedSeconds: object.drainedSeconds))
        bytes = 8_192
      }
      let name = changes.withBytes(link.name) { piece.store($0) }
      piece.links.append(LinkChange(parent: link.parent, name: name, isGained: link.isGained))
      piece.objects[0].linkCount += 1
      bytes += added
    }
    pieces.append(piece)
    return pieces
  }
}

extension ObjectChange.Facts {
  /// Only in frames: more links of the object with which the commit's frame before ended.
  static let continued = ObjectChange.Facts(rawValue: 256)
}
