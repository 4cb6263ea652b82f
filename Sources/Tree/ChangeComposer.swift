/// Composes change sets as they come, each after the last: see `compose(_:_:)`.
///
/// Adding a set costs as much as the set is large, however much was added before. What an object
/// no longer refers to stays as waste until it is half of all.
public struct ChangeComposer: ~Copyable {
  /// The composition so far; some of its objects may be nothing any more, and its links and bytes
  /// have waste between them.
  var sum = ChangeSet()
  /// Where each object stands in `sum`.
  private var positions: [ObjectID: Int] = [:]
  private var nothingCount = 0
  private var usedLinks = 0
  private var usedBytes = 0

  public init() {}

  public var isEmpty: Bool { sum.objects.count == nothingCount }

  /// How many objects the composition is about.
  public var objectCount: Int { sum.objects.count - nothingCount }

  /// Bytes of memory that the composition takes, roughly.
  public var residentBytes: Int {
    sum.objects.capacity * MemoryLayout<ObjectChange>.stride
      + sum.links.capacity * MemoryLayout<LinkChange>.stride + sum.bytes.capacity
      + positions.capacity * (MemoryLayout<(ObjectID, Int)>.stride + 1)
  }

  /// Whether a set can be added: slices count with 32 bits.
  public func hasRoom(for set: ChangeSet) -> Bool {
    usedBytes + set.bytes.count <= ChangeSet.byteCountMax
      && usedLinks + set.links.count <= Int(Int32.max)
  }

  /// Composes with what comes next.
  ///
  /// - Precondition: `hasRoom(for: next)`.
  public mutating func add(_ next: ChangeSet) {
    precondition(hasRoom(for: next), "a composition holds at most 1 GiB of names and the like")
    if sum.bytes.count + next.bytes.count > ChangeSet.byteCountMax { compact() }
    let offset = UInt32(sum.bytes.count)
    sum.bytes.append(contentsOf: next.bytes)
    for change in next.objects {
      var change = change
      change.key = Self.shifted(change.key, offset)
      change.target = Self.shifted(change.target, offset)
      change.extendedAttributes = Self.shifted(change.extendedAttributes, offset)
      let first = sum.links.count
      for link in next.links(of: change) {
        var link = link
        link.name = Self.shifted(link.name, offset)
        sum.links.append(link)
      }
      change.firstLink = UInt32(first)
      if let position = positions[change.id] {
        merge(change, at: position)
      } else {
        positions[change.id] = sum.objects.count
        sum.objects.append(change)
        count(change, 1)
      }
    }
    if Self.isWasteful(sum.bytes.count, usedBytes) || Self.isWasteful(sum.links.count, usedLinks)
      || Self.isWasteful(sum.objects.count, objectCount)
    {
      compact()
    }
  }

  /// Ends the composition.
  public consuming func finish() -> ChangeSet {
    compact()
    return sum
  }

  /// More than half is waste, and it is worth the work.
  private static func isWasteful(_ all: Int, _ used: Int) -> Bool { all > 2 * used + 4096 }

  private static func shifted(_ slice: ChangeSet.Slice, _ offset: UInt32) -> ChangeSet.Slice {
    slice.count == 0 ? .empty : ChangeSet.Slice(offset: slice.offset + offset, count: slice.count)
  }

  private mutating func merge(_ next: ObjectChange, at position: Int) {
    let old = sum.objects[position]
    count(old, -1)
    guard var new = old.followed(by: next) else {
      positions[old.id] = nil
      sum.objects[position].id = .none
      nothingCount += 1
      return
    }
    let links = mergedLinks(old, next)
    new.firstLink = UInt32(links.lowerBound)
    new.linkCount = UInt32(links.count)
    sum.objects[position] = new
    count(new, 1)
  }

  /// Counts what an object refers to.
  private mutating func count(_ change: ObjectChange, _ sign: Int) {
    var bytes = Int(change.key.count + change.target.count + change.extendedAttributes.count)
    for link in sum.links(of: change) { bytes += Int(link.name.count) }
    usedBytes += sign * bytes
    usedLinks += sign * Int(change.linkCount)
  }

  /// Copies all that is left into a set without waste.
  private mutating func compact() {
    if nothingCount == 0 && sum.links.count == usedLinks && sum.bytes.count == usedBytes { return }
    var tight = ChangeSet()
    tight.objects.reserveCapacity(objectCount)
    tight.links.reserveCapacity(usedLinks)
    tight.bytes.reserveCapacity(usedBytes)
    for change in sum.objects where change.id != .none {
      var change = change
      change.key = sum.withBytes(change.key) { tight.store($0) }
      change.target = sum.withBytes(change.target) { tight.store($0) }
      change.extendedAttributes = sum.withBytes(change.extendedAttributes) { tight.store($0) }
      let first = UInt32(tight.links.count)
      for link in sum.links(of: change) {
        var link = link
        link.name = sum.withBytes(link.name) { tight.store($0) }
        tight.links.append(link)
      }
      change.firstLink = first
      positions[change.id] = tight.objects.count
      tight.objects.append(change)
    }
    sum = tight
    nothingCount = 0
    usedLinks = tight.links.count
    usedBytes = tight.bytes.count
  }
}
