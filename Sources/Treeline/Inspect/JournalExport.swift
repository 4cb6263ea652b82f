import Journal
import LinuxSystem
import Tree

/// The net change since a point, as lists of paths for other programs to take: relative to the source's
/// root, of any bytes.
///
/// A copy of the tree at the first point becomes one of the tree at the last when first all `deleted` are
/// removed, with what is in them, and then all `changed` are copied, directories without what is in them:
/// what a renamed directory holds stands among `changed` under its new path. Whoever can move things may
/// use `renamed` to copy less.
public struct JournalExport: Sendable {
  public private(set) var changed: [[UInt8]] = []
  public private(set) var deleted: [[UInt8]] = []
  public private(set) var renamed: [(from: [UInt8], to: [UInt8])] = []
  /// What stands in `changed`.
  private var seen: Set<[UInt8]> = []

  /// Reads what a net change says; where a directory was renamed, reads the journal once more, and takes
  /// memory for the names of the whole tree.
  public init(_ net: NetChange, journal: [UInt8]) throws(TreelineError) {
    var moved: Set<ObjectID> = []
    var touched: [ObjectID] = []
    var directories: Set<[UInt8]> = []
    var gone: [(path: [UInt8], isDirectory: Bool)] = []
    let table = net.narrate { line in
      guard let object = line.object else { return }
      let isDirectory = object.kind == .directory
      switch line.operation {
      case .remove, .unlink: gone.append((object.path, isDirectory))
      case .rename:
        renamed.append((object.from!, object.path))
        gone.append((object.from!, isDirectory))
        if isDirectory { moved.insert(object.id) }
        add(object.path)
      case .create, .link: add(object.path)
      default: touched.append(object.id)
      }
      if isDirectory { directories.insert(object.path) }
    }
    // All names of a file have its new content.
    for id in touched { for path in table.paths(of: id) { add(path) } }
    if !moved.isEmpty {
      let whole = try net.wholeTable(journal)
      whole.forEachPath(beneath: moved) { path, isDirectory in
        add(path)
        if isDirectory { directories.insert(path) }
      }
    }
    // A file that took another's place is copied over it: there is never nothing.
    deleted = gone.filter {
      !seen.contains($0.path) || $0.isDirectory || directories.contains($0.path)
    }.map(\.path)
    seen = []
  }

  private mutating func add(_ path: [UInt8]) {
    if seen.insert(path).inserted { changed.append(path) }
  }
}
