import LinuxSystem
import Tree

/// What one look showed of an object, beside its name and key.
package struct Observation {
  var attributes: Attributes
  /// The ctime.
  var changed: Timestamp
  var inode: UInt64
  var linkCount: UInt32

  @inline(__always)
  init(_ status: FileStatus) {
    attributes = Attributes(status)
    changed = status.changed
    inode = status.inode
    linkCount = status.linkCount
  }

  @inline(__always) var kind: FileKind { attributes.kind }
}
