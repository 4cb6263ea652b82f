import LinuxSystem
import Tree

/// A state of a destination that can be had again.
package struct RestorePoint: Hashable, Sendable {
  /// The journal's commit that it is of.
  package var sequence: Sequence
  /// When the destination had reached it.
  package var time: Timestamp
  /// Files whose content had not settled then: what can be had is the content that the destination had.
  package var unsettled: [ObjectID]
  /// Where the destination's own log says so.
  var place: Sequence
}
