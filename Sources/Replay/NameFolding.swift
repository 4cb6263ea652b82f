import LinuxSystem
import SystemPackage

/// Which names that a source tells apart a filesystem takes for one, so that a file would replace another.
///
/// Some do so always, some where a directory was told to (chattr(1), `+F`), some as they were made or mounted.
enum NameFolding {
  /// `A` and `a`.
  case letterCase
  /// A letter with its accent as one character, and as two.
  case composition

  var text: String {
    switch self {
    case .letterCase: "names that differ in upper and lower case are the same there"
    case .composition: "names that differ in how accents are written are the same there"
    }
  }

  /// What a filesystem does in a directory of ours.
  ///
  /// - Parameters:
  ///   - lock: the file `lock` in it.
  ///   - isNew: whether it is not yet a destination: how accents are taken is tried then.
  static func find(in own: Int32, lock: Int32, isNew: Bool) throws(Errno) -> NameFolding? {
    if let other = try? FileStatus.of("LOCK", in: own), try FileStatus.of(lock).inode == other.inode {
      return .letterCase
    }
    return isNew && composes(own) ? .composition : nil
  }

  /// Where such a name cannot be made, for whatever reason, this is not what a person is told.
  private static func composes(_ own: Int32) -> Bool {
    let name = "probe-\u{e9}"
    try? Names.makeDirectory(name, in: own, mode: 0o700)
    defer { try? Names.removeDirectory(name, in: own) }
    return (try? FileStatus.of(name, in: own)) != nil && (try? FileStatus.of("probe-e\u{301}", in: own)) != nil
  }
}
