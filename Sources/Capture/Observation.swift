import LinuxSystem
import Tree

/// What one look showed of an object, beside its name and key.
package struct Observation {
  package var attributes: Attributes
  /// The ctime.
  var changed: Timestamp
  package var inode: UInt64
  var linkCount: UInt32
  /// Those among the extended attributes as well.
  var flags: InodeFlags = []

  @inline(__always)
  init(_ status: FileStatus) {
    attributes = Attributes(status)
    changed = status.changed
    inode = status.inode
    linkCount = status.linkCount
    flags = status.flags
  }

  package init(attributes: Attributes, changed: Timestamp, inode: UInt64, linkCount: UInt32) {
    self.attributes = attributes
    self.changed = changed
    self.inode = inode
    self.linkCount = linkCount
  }

  @inline(__always) var kind: FileKind { attributes.kind }
}
