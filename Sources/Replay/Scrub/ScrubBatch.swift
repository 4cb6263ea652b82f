import LinuxSystem
import Tree

/// What was read and not yet written down: the journal is asked about many objects at once.
struct ScrubBatch {
  /// One object as it was read.
  struct Item {
    /// nil for versions, and for what is only carried on.
    var id: ObjectID?
    var status: FileStatus?
    var hash: UInt64 = 0
    var target: [UInt8] = []
    var extendedAttributes: [UInt8] = []
    /// Whether the journal says more of it.
    var isToBeChecked = false
    /// Whether its content was never read before.
    var isNew = false

    init(id: ObjectID?) { self.id = id }

    /// Whether all but the content is as it must be.
    func hasAttributes(of object: OwedObject) -> Bool {
      guard let status else { return true }
      return ScrubAttributes.areEqual(status, object.attributes)
        && (status.kind != .symbolicLink || target == object.target)
        && extendedAttributes == (object.extendedAttributes ?? [])
    }
  }

  private(set) var items: [Item] = []
  private(set) var records: [ScrubRecord] = []
  /// How much content they have.
  private(set) var bytes: UInt64 = 0

  mutating func add(_ item: Item, _ record: ScrubRecord) {
    items.append(item)
    records.append(record)
    bytes += item.status?.sizeBytes ?? 0
  }
}
