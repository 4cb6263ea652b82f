import Glibc

/// Says what of a tree is left out, name by name.
///
/// What the patterns make of a directory's path is worked out once for the directory, from what they
/// make of its parent's, and kept as a number, its `Place`. A name is then held against the few
/// parts of patterns that its directory has left open. Directories for which the same parts are open
/// share one place; most trees have a handful.
///
/// Used by one thread at a time; nothing is allocated for a name.
package final class ExclusionMatcher {
  /// All that a directory's path means to the patterns.
  package struct Place: Sendable, Hashable {
    let row: Int
  }

  /// What is open in the directories of one place.
  private struct Row {
    /// Ends of path patterns, from the last pattern to the first.
    var ends: Range<Int>
    /// Beginnings and middles of path patterns.
    var steps: Range<Int>
    var open: [UInt64]
  }

  /// A pattern whose last part a name can match.
  struct End {
    var pattern: Int32
    var glob: Int32
  }

  /// Where a path pattern goes on, below a directory whose name matches.
  struct Step {
    var glob: Int32
    var next: Int32
  }

  package let list: ExclusionList
  /// Patterns about names at any depth, from the last to the first.
  private let anywhere: [End]
  private let program: GlobProgram
  private let parts: OpenParts

  private var rows: [Row] = []
  private var ends: [End] = []
  private var steps: [Step] = []
  /// Rows by the set of parts that are open; at most one for each directory that was asked for.
  private var known: [[UInt64]: Int] = [:]
  /// The set that is being made up.
  private var open: [UInt64]

  package init(_ list: ExclusionList) {
    self.list = list
    var program = GlobProgram()
    var anywhere: [End] = []
    for (index, pattern) in list.patterns.enumerated() {
      guard case .name(let glob) = pattern.body else { continue }
      anywhere.append(End(pattern: Int32(index), glob: program.add(glob)))
    }
    self.anywhere = anywhere.reversed()
    parts = OpenParts(list, &program)
    self.program = program
    open = parts.emptySet
    parts.begin(&open)
    _ = place(of: open)
  }

  /// The place of the tree's root.
  package var root: Place { Place(row: 0) }

  /// Whether directories differ in what is left out of them; otherwise all are in the root's place.
  package var dependsOnPath: Bool { !open.isEmpty }

  /// What a place means to another matcher of the same list.
  package func openParts(of place: Place) -> [UInt64] { rows[place.row].open }

  /// The place that has a meaning in another matcher of the same list.
  package func place(ofOpenParts open: [UInt64]) -> Place { place(of: open) }

  /// The pattern that counts for a name: the last one that matches.
  ///
  /// - Parameter isDirectory: a symbolic link to a directory is none.
  /// - Returns: its index in the list; nil when none matches.
  package func lastMatch(
    _ name: UnsafeRawBufferPointer, isDirectory: Bool, in directory: Place
  ) -> Int? {
    let found = search(ends, rows[directory.row].ends, name, isDirectory, above: -1)
    let last = search(anywhere, anywhere.indices, name, isDirectory, above: found)
    return last < 0 ? nil : Int(last)
  }

  /// Whether a name, in a directory that is not left out itself, is left out.
  package func isExcluded(
    _ name: UnsafeRawBufferPointer, isDirectory: Bool, in directory: Place
  ) -> Bool {
    guard let last = lastMatch(name, isDirectory: isDirectory, in: directory) else { return false }
    return !list.patterns[last].isNegated
  }

  private func search(
    _ ends: [End], _ range: Range<Int>, _ name: UnsafeRawBufferPointer, _ isDirectory: Bool,
    above found: Int32
  ) -> Int32 {
    for at in range {
      let end = ends[at]
      guard end.pattern > found else { break }
      if program.matches(end.glob, name),
        isDirectory || !list.patterns[Int(end.pattern)].isDirectoryOnly
      {
        return end.pattern
      }
    }
    return found
  }

  /// The place of a directory in a directory.
  package func place(of name: UnsafeRawBufferPointer, in directory: Place) -> Place {
    let range = rows[directory.row].steps
    for word in open.indices { open[word] = 0 }
    for at in range where program.matches(steps[at].glob, name) {
      parts.open(Int(steps[at].next), &open)
    }
    return place(of: open)
  }

  private func place(of open: [UInt64]) -> Place {
    if let row = known[open] { return Place(row: row) }
    let row = rows.count
    let firstEnd = ends.count
    let firstStep = steps.count
    parts.forEach(open) {
      ends.append($0)
    } step: {
      steps.append($0)
    }
    rows.append(Row(ends: firstEnd..<ends.count, steps: firstStep..<steps.count, open: open))
    known[open] = row
    return Place(row: row)
  }
}
