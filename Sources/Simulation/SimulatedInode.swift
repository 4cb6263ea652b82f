import LinuxSystem
import Tree

/// One object of a simulated filesystem, in a slot that its inode number names.
struct SimulatedInode {
  struct Entry {
    var name: UInt8
    var inode: Int32
  }

  /// Tells objects apart that had the same number one after another.
  var generation: UInt32 = 0
  /// `unknown` when the number is free.
  var kind: FileKind = .unknown
  var permissions: UInt32 = 0o644
  var uid: UInt32 = 0
  var gid: UInt32 = 0
  var device: UInt64 = 0
  var sizeBytes: UInt64 = 0
  /// What a read gives: which of all the contents that there ever were.
  var content: UInt32 = 0
  /// What is on disk, whatever the times say: a power cut may bring it back.
  var contentOnDisk: UInt32 = 0
  var modified: Int64 = 0
  var changed: Int64 = 0
  /// Whether its ctime was looked at since it moved.
  var wasSeen = false
  /// It changed and no event told, and none will before it is closed.
  var isSilent = false
  /// Its ctime moved, and no event ever tells.
  var isAccessed = false
  var target: UInt8 = 0
  /// Which of `SimulatedNames.attributes` it has.
  var attributes: UInt8 = 0
  var nameCount: UInt32 = 0
  /// Open files and looks that hold it; it lives on without a name while there are any.
  var holders: UInt32 = 0
  /// Of a directory.
  var parent: Int32 = 0
  var entries: [Entry] = []

  var isDirectory: Bool { kind == .directory }

  var status: Attributes {
    Attributes(
      mode: kind.modeBits | permissions, uid: uid, gid: gid, device: device,
      sizeBytes: kind == .regular || kind == .symbolicLink ? sizeBytes : 0,
      modified: Timestamp(nanosecondsSince1970: modified))
  }

  var stamp: ContentStamp {
    ContentStamp(
      sizeBytes: sizeBytes, modified: Timestamp(nanosecondsSince1970: modified),
      changed: Timestamp(nanosecondsSince1970: changed))
  }
}
