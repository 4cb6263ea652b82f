import LinuxSystem
import SystemPackage
import Tree

/// What an object must become at the destination and is not yet.
///
/// The destination's tree says what is there; an object that is not owed is there as it must be. So
/// a plan is always made from what is to what must be, whatever happened to earlier plans.
package struct OwedObject {
  /// What is left to do beside the names.
  package struct Work: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// It is not there yet.
    package static let make = Work(rawValue: 1)
    /// Its content has settled and is to be copied.
    package static let content = Work(rawValue: 2)
    /// Its content has not settled: the old one, with its attributes, stays until it has.
    package static let unsettled = Work(rawValue: 4)
    package static let attributes = Work(rawValue: 8)
    package static let extendedAttributes = Work(rawValue: 16)
    /// A directory in which an earlier run touched names: its time is to be set.
    package static let modified = Work(rawValue: 32)
    /// A scrub found it wrong: what the destination has of it is no state that was recorded.
    package static let suspect = Work(rawValue: 64)
  }

  package var isDirectory: Bool
  /// The names that it must have.
  package var links: [Link]
  /// It must go.
  package var isRemoved = false
  /// As they must be; only meaningful with work to do.
  package var attributes: Attributes
  /// The ctime that goes with them.
  package var changed: Timestamp
  package var key: ObjectKey?
  package var target: [UInt8] = []
  /// Encoded as in a change set; nil when they are as they must be, or when work says that they are
  /// not: then what was copied ahead of the journal brought others, and the source must tell.
  package var extendedAttributes: [UInt8]?
  package var work: Work
  /// The state of the content that was copied though no commit speaks of it yet.
  package var copied: ContentStamp?
  /// Why it is not as it must be.
  var problem: ReplayException.Reason?

  package init(
    isDirectory: Bool, links: [Link], attributes: Attributes, changed: Timestamp, work: Work = []
  ) {
    self.isDirectory = isDirectory
    self.links = links
    self.attributes = attributes
    self.changed = changed
    self.work = work
  }

  package var stamp: ContentStamp {
    ContentStamp(
      sizeBytes: attributes.sizeBytes, modified: attributes.modified, changed: changed)
  }

  /// Whether its extended attributes must be asked of the source.
  package var lacksExtendedAttributes: Bool {
    work.contains(.extendedAttributes) && extendedAttributes == nil && !work.contains(.make)
  }

  /// Whether it lives on without a name, until its next one is known.
  var isKept: Bool { links.isEmpty && !isRemoved }
}
