import Exclusion

extension ExclusionMatcher {
  /// The pattern that decides on a path, going down from the root as a scan does: nothing is asked
  /// of what lies in a directory that is left out.
  func decision(on path: [[UInt8]], isDirectory: Bool) -> Int? {
    var place = root
    for (index, name) in path.enumerated() {
      let isLast = index == path.count - 1
      let match = name.withUnsafeBytes {
        lastMatch($0, isDirectory: isDirectory || !isLast, in: place)
      }
      if isLast { return match }
      if let match, !list.patterns[match].isNegated { return match }
      place = name.withUnsafeBytes { self.place(of: $0, in: place) }
    }
    return nil
  }
}

extension ExclusionList {
  /// The patterns of a file with these lines.
  init(_ lines: String...) {
    self.init()
    append(contentsOfFile: Array(lines.joined(separator: "\n").utf8))
  }

  /// Whether a path is left out; one that ends with a slash is a directory.
  func excludes(_ path: String) -> Bool {
    let names = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
    let matcher = ExclusionMatcher(self)
    return matcher.decision(on: names, isDirectory: path.hasSuffix("/"))
      .map { !patterns[$0].isNegated } ?? false
  }
}
