import LinuxSystem
import Tree

/// Which flags that forbid changes are to be set when a plan is done: those that objects get with it, and those
/// that had to be cleared for it.
struct Sealing {
  /// Of objects whose extended attributes were set: what they must have. Nothing else says so for these.
  var wanted: [ObjectID: InodeFlags] = [:]
  /// What was cleared, and of which inode.
  var cleared: [DestinationInode: InodeFlags] = [:]
  /// The objects of the plan.
  var candidates: [ObjectID] = []
  /// The objects that something may be cleared of; worked out before the first.
  var concerned: Set<ObjectID> = []
  /// Whether the destination says which these are.
  var isNoted = false

  var isNeeded: Bool { isNoted || !wanted.isEmpty || !cleared.isEmpty }
}
