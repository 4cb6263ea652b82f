import LinuxSystem
import SystemPackage
import Tree

/// Directories in which much happens at once.
///
/// In a storm most names that were hinted at are gone when they are looked at. Each such look takes the
/// directory's lock, and holds up those who work in it; one listing tells of all of them.
extension Observer {
  /// A listing may have so many names for each hint: a name of it costs a tenth of a look at least.
  private static let namesPerHint = 4

  /// Reads the names of the directories that many of the hints are about.
  ///
  /// A name that comes after its hint was read gives another hint, also one that the listing misses
  /// because it came meanwhile.
  func readCrowds(of hints: DirtySet) {
    guard hints.count >= crowdMin else { return }
    var counts: [Mirror.Node: Int] = [:]
    var order: [Mirror.Node] = []
    hints.forEach { record in
      guard !record.name.isEmpty, let directory = mirror.node(record.key) else { return }
      let count = counts[directory, default: 0] + 1
      counts[directory] = count
      if count == crowdMin { order.append(directory) }
    }
    for directory in order where mirror.isDirectory(directory) {
      var names = NameHashes()
      do throws(Errno) {
        let isWhole = try view.names(
          in: mirror.key(directory), most: counts[directory]! * Self.namesPerHint
        ) { names.insert($0) }
        if isWhole { crowds[directory] = names }
      } catch {
        // The looks at the single names meet it again, and see to it.
      }
    }
  }

  /// Whether a listing from after the hint shows that nothing has the name.
  func isGone(_ name: UnsafeRawBufferPointer, from directory: Mirror.Node) -> Bool {
    guard let names = crowds[directory] else { return false }
    return !names.mayContain(name)
  }
}
