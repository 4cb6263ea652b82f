import LinuxSystem
import Tree

/// Files that were reported with handles which none of those has that were looked at.
struct UnfoundFiles {
  /// Most came and went. That is known of none before the whole mirror was looked through, which takes some
  /// 15 ms for a million objects: so many are worth that,
  static let countMax = 4_096
  /// and so does one wait for it, unless somebody waits for it.
  static let waitNanoseconds: UInt64 = 1_000_000_000

  var hints: [ObjectKey: DirtySet.Hint] = [:]
  /// When they are to be found, in monotonic nanoseconds; nil where there are none.
  var due: UInt64? = nil
}

/// Where objects are hinted at by names, a file that is written under a name which it had for a moment only, and
/// which another has now or none, is known by nothing but the handle that the report has of it.
extension Observer {
  /// Answers hints at objects by handles that are not their keys.
  func note(reported hints: [(handle: ObjectKey, hint: DirtySet.Hint)]) {
    if hints.isEmpty { return }
    var found: [(node: Mirror.Node, hint: DirtySet.Hint)] = []
    let unfound = view.findReported(hints.map(\.handle), among: seen.keys) { found.append(($1, hints[$0].hint)) }
    for index in unfound { unfoundFiles.hints[hints[index].handle, default: []].formUnion(hints[index].hint) }
    if !unfound.isEmpty, unfoundFiles.due == nil {
      unfoundFiles.due = clock.monotonic + UnfoundFiles.waitNanoseconds
    }
    look(atFiles: found)
  }

  /// Looks for the files that were not found among those that were looked at.
  ///
  /// - Parameter waived: somebody waits for it.
  func findUnfound(waived: Bool) {
    guard let due = unfoundFiles.due else { return }
    guard waived || clock.monotonic >= due || unfoundFiles.hints.count >= UnfoundFiles.countMax else { return }
    let hints = Array(unfoundFiles.hints)
    unfoundFiles = UnfoundFiles()
    var found: [(node: Mirror.Node, hint: DirtySet.Hint)] = []
    view.searchReported(hints.map(\.key)) { found.append(($1, hints[$0].value)) }
    look(atFiles: found)
  }

  private func look(atFiles found: [(node: Mirror.Node, hint: DirtySet.Hint)]) {
    for (node, hint) in found where mirror.isLive(node) && !mirror.isDirectory(node) { note(hint, of: node) }
    finishLooking()
  }
}
