import Tree

/// In which order the objects of a frame are written: those of which the same is said stand together, otherwise
/// as they come.
///
/// A commit has no order. Like beside like makes short columns of facts, modes and times, and loops in which a
/// processor guesses right.
struct ObjectOrder: ~Copyable {
  private var places = Storage<UInt32>()
  private var classes = Storage<UInt8>()
  private var count = 0
  /// Which kinds of file there are: bit k for the kind k.
  private(set) var kinds: UInt16 = 0
  /// Of all keys together.
  private(set) var keyBytes = 0
  private(set) var allLinkCount = 0

  /// Objects with as many names or more are of one class.
  private static let linkCountMax: UInt32 = 3

  /// What stands at each place.
  var indices: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: places.base, count: count) }

  /// - Parameter isFixed: whether they stay as they come.
  mutating func arrange(_ objects: UnsafeBufferPointer<ObjectChange>, isFixed: Bool) {
    count = objects.count
    places.reserve(count)
    classes.reserve(count)
    let (places, classes) = (places.base, classes.base)
    (kinds, keyBytes, allLinkCount) = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { starts in
      starts.initialize(repeating: 0)
      var seen: UInt16 = 0
      var (keys, allLinks) = (0, 0)
      for index in objects.indices {
        let object = objects.baseAddress! + index
        let links = min(object.pointee.linkCount, Self.linkCountMax)
        let ofIt = UInt8(truncatingIfNeeded: UInt32(object.pointee.facts.rawValue) << 2 | links)
        seen |= 1 &<< (UInt16(truncatingIfNeeded: object.pointee.attributes.mode >> 12) & 15)
        keys += Int(object.pointee.key.count)
        allLinks += Int(object.pointee.linkCount)
        classes[index] = ofIt
        starts[Int(ofIt)] += 1
      }
      if isFixed {
        for index in objects.indices { places[index] = UInt32(truncatingIfNeeded: index) }
        return (seen, keys, allLinks)
      }
      var start: UInt32 = 0
      for ofIt in starts.indices {
        let count = starts[ofIt]
        starts[ofIt] = start
        start += count
      }
      for index in objects.indices {
        let ofIt = Int(classes[index])
        places[Int(starts[ofIt])] = UInt32(truncatingIfNeeded: index)
        starts[ofIt] += 1
      }
      return (seen, keys, allLinks)
    }
  }
}
