import LinuxSystem
import Tree

/// What a destination had under a path, from one of its restorable moments on.
package struct PastVersion: Sendable {
  /// Where the content is that it had.
  package enum Place: Sendable, Equatable {
    /// In the copy, as it is now.
    case current
    /// Among the versions.
    case kept
    /// It has none: a directory, a link or the like.
    case none
    /// It was thinned out since, or was being written.
    case gone
  }

  /// Who had a part in it.
  package struct Actor: Sendable {
    package var process: ProcessRecord
    package var deeds: Deeds
  }

  /// The first restorable moment at which it was so, and had settled.
  package var point: RestorePoint
  package var id: ObjectID
  /// nil: nothing had the path from then on.
  package var attributes: Attributes?
  /// Those who changed it since the version before, as far as that was recorded.
  package var actors: [Actor]
  package var place: Place
}
