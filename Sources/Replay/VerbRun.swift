import LinuxSystem
import SystemPackage
import Tree

/// What is known while the verbs of one batch are done.
struct VerbRun {
  /// Objects that cannot be brought to where they must be now, and why.
  var failed: [ObjectID: Errno] = [:]
  /// Whether verbs were left out because of what failed before them.
  var mustPlanAgain: Bool { !leftOut.isEmpty }
  /// Objects whose verbs were left out.
  private var leftOut: Set<ObjectID> = []
  /// Directories in which names changed.
  var touched: Set<ObjectID> = []
  /// Whether attributes of anything else changed.
  var touchedObjects = false
  /// Objects that got new content: what they have under other names is the old one.
  var published: Set<ObjectID> = []
  /// The times that directories get at the end.
  var modified: [ObjectID: Timestamp] = [:]
  /// Who has which name, among the objects of the plan.
  private var owners: [Link: ObjectID] = [:]

  /// Starts the verbs of a plan.
  mutating func begin(_ objects: [PlanObject]) {
    leftOut.removeAll(keepingCapacity: true)
    owners.removeAll(keepingCapacity: true)
    for object in objects { for link in object.current { owners[link] = object.id } }
  }

  /// Notes that a verb was not done.
  mutating func leaveOut(_ id: ObjectID) { leftOut.insert(id) }

  /// Whether a verb on an object was not done, in this plan or for good.
  func isLeftOut(_ id: ObjectID) -> Bool { leftOut.contains(id) || failed[id] != nil }

  func owner(_ link: Link) -> ObjectID? { owners[link] }

  mutating func noteMove(_ id: ObjectID, from: Link?, to: Link) {
    if let from { owners[from] = nil }
    owners[to] = id
  }

  mutating func noteRemoval(_ link: Link) { owners[link] = nil }
}
