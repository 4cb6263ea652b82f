/// How the kernel is asked to report what happens in a source.
public enum MarkKind: String, Sendable, CaseIterable {
  /// One mark for the whole filesystem.
  case filesystem
  /// One mark for the source's mount, which reports data, and one for each directory, which reports
  /// names and attributes.
  case mount

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
    }
  }

  /// Whether each directory of the source has a mark of its own.
  var marksDirectories: Bool { self != .filesystem }
}
