/// The parts of all path patterns in one row, and the sets of them that a directory can have open.
///
/// A part is open in a directory when all parts before it were matched by the directory's path. So
/// the names of the path, one after the other, lead from set to set; the set of the root has the
/// first part of each pattern.
struct OpenParts {
  private struct Part {
    var pattern: Int32
    /// What a name must look like.
    var glob: Int32
    /// It goes on being open below.
    var stays = false
    /// The next one is open wherever this one is.
    var isOptional = false
    var isLast = false
  }

  private var parts: [Part] = []
  private var firsts: [Int] = []

  init(_ list: ExclusionList, _ program: inout GlobProgram) {
    for (index, pattern) in list.patterns.enumerated() {
      guard case .path(let path) = pattern.body else { continue }
      firsts.append(parts.count)
      for part in path {
        switch part {
        case .name(let glob):
          parts.append(Part(pattern: Int32(index), glob: program.add(glob)))
        case .directories:
          parts.append(
            Part(pattern: Int32(index), glob: GlobProgram.any, stays: true, isOptional: true))
        case .everything:
          parts.append(Part(pattern: Int32(index), glob: GlobProgram.any, stays: true))
        }
      }
      parts[parts.count - 1].isLast = true
    }
  }

  var emptySet: [UInt64] { Array(repeating: 0, count: (parts.count + 63) / 64) }

  /// Opens what is open in the root.
  func begin(_ set: inout [UInt64]) { for first in firsts { open(first, &set) } }

  /// Opens a part, and those after it that need nothing before them.
  func open(_ part: Int, _ set: inout [UInt64]) {
    var at = part
    while true {
      set[at >> 6] |= 1 << UInt64(at & 63)
      guard parts[at].isOptional else { return }
      at += 1
    }
  }

  /// Calls with what a name can match in a directory that has these open; ends come from the last
  /// pattern to the first.
  func forEach(
    _ set: [UInt64], end: (ExclusionMatcher.End) -> Void, step: (ExclusionMatcher.Step) -> Void
  ) {
    for at in parts.indices.reversed() where set[at >> 6] & 1 << UInt64(at & 63) != 0 {
      let part = parts[at]
      if part.isLast {
        end(ExclusionMatcher.End(pattern: part.pattern, glob: part.glob))
      } else if !part.isOptional {
        step(ExclusionMatcher.Step(glob: part.glob, next: Int32(at + 1)))
      }
      if part.stays { step(ExclusionMatcher.Step(glob: part.glob, next: Int32(at))) }
    }
  }
}
