import LinuxSystem
import SystemPackage
import Tree

/// Something at a destination that is not as it must be.
package struct ScrubFinding: Sendable {
  package enum What: String, Sendable {
    /// Nobody touched it, and its content is not what it was.
    case rotted
    /// Somebody changed its content.
    case edited
    /// Its content is not that of the source, and was never read before.
    case differs
    /// It cannot be read.
    case unreadable
    /// Mode, owner, time, extended attributes or a link's target are not those that the journal says.
    case attributes
    /// It is not there, or something else has its name.
    case missing
    /// The journal has never heard of it.
    case foreign
  }

  package enum Outcome: Hashable, Sendable {
    /// It is as it must be now; what is foreign was put aside.
    case repaired
    /// It was as it must be when it was looked at once more.
    case sound
    /// It is still wrong: it is tried again by whoever keeps the destination.
    case pending(ReplayException.Reason)
    /// Nobody could repair it, or was asked to.
    case left(String)
  }

  package var what: What
  /// From the destination's root, without a slash in front.
  package var path: [UInt8]
  package var outcome: Outcome

  package init(what: What, path: [UInt8], outcome: Outcome) {
    self.what = what
    self.path = path
    self.outcome = outcome
  }
}

/// What is to be looked at once more by whoever holds a destination, and repaired.
package struct ScrubSuspect: Hashable, Sendable {
  package var what: ScrubFinding.What
  /// The object; of what is foreign, the directory that it is in.
  package var id: ObjectID
  /// Of what is foreign: its name at the destination.
  package var name: [UInt8]

  package init(what: ScrubFinding.What, id: ObjectID, name: [UInt8] = []) {
    self.what = what
    self.id = id
    self.name = name
  }

  /// Whether its content is in doubt.
  var isContent: Bool {
    switch what {
    case .rotted, .edited, .differs, .unreadable: true
    case .attributes, .missing, .foreign: false
    }
  }
}
