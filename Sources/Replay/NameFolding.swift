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

  private static let probes: [(NameFolding, name: String, other: String)] = [
    (.letterCase, "probe", "PROBE"), (.composition, "probe-\u{e9}", "probe-e\u{301}"),
  ]

  /// What a filesystem does in a directory of ours, where it is tried.
  static func find(in own: Int32) throws(Errno) -> NameFolding? {
    for (folding, name, other) in probes {
      do throws(Errno) {
        try Names.makeDirectory(name, in: own, mode: 0o700)
      } catch .fileExists {
        // A run that was killed left it; or it is the other one, and is found below.
      } catch .invalidArgument {
        continue  // it has no such characters at all
      } catch .illegalByteSequence {
        continue
      }
      let isFolded = (try? FileStatus.of(other, in: own)) != nil
      try? Names.removeDirectory(name, in: own)
      if isFolded { return folding }
    }
    return nil
  }
}
