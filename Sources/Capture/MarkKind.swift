/// How the kernel is asked to report what happens in a source.
public enum MarkKind: String, Sendable, CaseIterable {
  /// One mark for the whole filesystem.
  case filesystem
  /// One mark for the source's mount, which reports data, and one for each directory, which reports
  /// names and attributes.
  case mount
  /// Nothing but one mark for each directory: needs no privilege, and works where a filesystem cannot be
  /// marked as a whole.
  case inode

  /// What changes without being reported, whatever the mark: each is found when the object is looked
  /// at for another reason, by the sweep, and by the scan at the next start.
  private static let unseenByAll = [
    "stores into a shared mapping, and libaio writes, before the file is closed",
    "the flags of chattr(1)",
  ]

  /// What changes without being reported, each as part of a sentence.
  public var unseen: [String] {
    switch self {
    case .filesystem: Self.unseenByAll
    case .mount:
      Self.unseenByAll + [
        "attributes that are changed, and files that are truncated by path, through a name outside the source",
        "files that are written through a name outside the source and through another mount",
        "errors that the filesystem reports of itself",
      ]
    case .inode:
      Self.unseenByAll + [
        "files that are written, truncated or given other attributes through a name outside the source",
        "what comes to the filesystem from elsewhere, as over a network, or beneath a FUSE or overlay filesystem",
        "on overlayfs, stores into a mapping after its file was closed",
        "on FUSE, some writes of who opened a file under a name that it had for a moment only",
        "errors that the filesystem reports of itself",
      ]
    }
  }

  /// How it is told of in a sentence.
  public var phrase: String {
    switch self {
    case .filesystem: "a mark of its filesystem"
    case .mount: "a mark of its mount and one of each directory"
    case .inode: "a mark of each directory"
    }
  }

  /// Whether each directory of the source has a mark of its own.
  var marksDirectories: Bool { self != .filesystem }
}
