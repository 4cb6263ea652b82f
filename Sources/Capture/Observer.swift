import Exclusion
import LinuxSystem
import SystemPackage
import Tree

/// Turns hints into what is true now: it looks at names and objects of the source, by handle, and
/// keeps the mirror equal to what it saw.
///
/// It follows one rule: a hint was read before the look that answers it, so whatever changes after
/// the look gives a new hint.
package final class Observer {
  let view: any SourceView
  let clock: any CaptureClock
  package let mirror: Mirror
  /// Directories that are not part of the source, wherever they are: the journal's own and such.
  var excluded: Set<ObjectKey>
  /// What the rules leave out; nil for nothing.
  var exclusion: SourceExclusion?

  let listing = Listing()
  /// The directories that are being listed, by reader.
  var listed = Array(repeating: ListedDirectory(), count: TreeReader.readersMax)

  /// The wall clock, in seconds, of the last complete drain before the looks that are made now.
  var drainedSeconds: Int64 = 0
  /// Set during a pass over the whole tree, when what events would have told is not known.
  var verification: Verification? = nil
  /// What the last pass has left to be compared.
  var young: [YoungFile] = []

  var toScan: [Mirror.Node] = []
  var toLook: [(directory: Mirror.Node, name: Name, tries: Int)] = []
  /// Directories in which a name was hinted at in this round.
  private var touched: Set<Mirror.Node> = []
  /// What names there are in directories in which many were hinted at.
  var crowds: [Mirror.Node: NameHashes] = [:]
  /// From so many hints on in a directory, its names are read at once: a look costs as much as a
  /// listing of some dozen names.
  var crowdMin = 64
  /// Objects that were looked at under a name since the hints were taken that are answered now.
  var seen: [Mirror.Node: Seen] = [:]
  var isAnswering = false
  /// Directories are scanned because an orphan is said to be in them: also what is left out is
  /// looked at, until there is none to be scanned.
  var isSeekingOrphans = false
  /// Rows of the mirror may go to other objects with the next commit.
  var hasRemoved = false
  /// Objects that were left without a name.
  var orphans: [Mirror.Node] = []
  /// Where objects are hinted at by their names.
  var formerNames = FormerNames()
  var unfoundFiles = UnfoundFiles()
  /// Directories that were hinted at and are not where the mirror has them.
  var displaced: Set<Mirror.Node> = []
  /// Files that a pass over the tree found, and that may have stores in memory alone.
  var fresh: [Mirror.Node] = []
  /// Directories that stand where a filesystem that is away has its place.
  var hidden: Set<Mirror.Node> = []
  /// How many objects of filesystems that are away the next commit would remove.
  package var awayRemovals = 0
  /// Set when looks contradict each other so long that only a pass over the tree can tell.
  package var needsVerification = false
  package var settling: Settling
  /// Files that may change without an event.
  var openFiles = OpenFiles()
  package var sweep = Sweep()
  /// What is looked at now was not announced: a change that shows in a ctime alone is news.
  var isSeekingSilent = false
  /// Objects that could not be looked at, with the reason: unknown, never deleted.
  package var unreadable: [ObjectID: Errno] = [:]
  /// Directories that could not be listed, or some name in them not looked at.
  package var unlisted: [ObjectID: Errno] = [:]
  /// When those are looked at again.
  var troubleRetry = TroubleRetry()
  /// Called now and then during the first scan, to commit what was found so far.
  var onProgress: (() -> Void)? = nil

  /// How often a name is looked at again while the mirror has it in a cycle, before a pass over
  /// the whole tree takes over.
  static let looksMax = 64

  init(
    _ view: any SourceView, clock: any CaptureClock, mirror: Mirror, excluded: Set<ObjectKey>,
    rules: ExclusionRules = ExclusionRules(), policy: SettlePolicy
  ) {
    self.view = view
    self.clock = clock
    self.mirror = mirror
    self.excluded = excluded
    exclusion = SourceExclusion(rules)
    settling = Settling(policy, clock: clock)
  }

  /// Looks at all that was hinted.
  package func observe(_ hints: DirtySet, drained: Timestamp) {
    drainedSeconds = drained.seconds
    isAnswering = true
    defer {
      isAnswering = false
      seen.removeAll(keepingCapacity: true)
    }
    readCrowds(of: hints)
    var named: [(node: Mirror.Node, hint: DirtySet.Hint)] = []
    hints.forEach { record in
      guard !record.name.isEmpty, let directory = reported(record.key) else { return }
      if record.hint.contains(.name) { touched.insert(directory) }
      if hasTroubles { noteTroubled(directory) }
      // Of an object that is hinted at by its name nobody can say whether it is the one that had the name
      // before the look or after it; or it lost the name while someone had it open by that.
      guard view.hintsAtNames else {
        return look(directory, record.name, tries: 0, isGone: isGone(record.name, from: directory))
      }
      let hint = record.hint.subtracting(.name)
      let before = mirror.link(in: directory, named: record.name)?.node
      look(directory, record.name, tries: 0, isGone: isGone(record.name, from: directory))
      let now = mirror.link(in: directory, named: record.name)?.node
      if let before, before != now { formerNames.note(directory, record.name, before, mirror) }
      if hint.isEmpty { return }
      if let before { named.append((before, hint)) }
      if let now, now != before { named.append((now, hint)) }
      if let former = formerNames.find(directory, record.name, mirror), former != before {
        named.append((former, hint))
      }
    }
    crowds.removeAll()
    finishLooking()
    for (node, hint) in named where mirror.isLive(node) { note(hint, of: node) }
    // A change of names changes the directory's times, and gives no event of its own.
    // In one order: one seed of the simulator is one run.
    for directory in touched.sorted(by: { $0.row32 < $1.row32 }) where mirror.isLive(directory) {
      note(.attributes, of: directory)
    }
    touched.removeAll(keepingCapacity: true)
    // Objects after names: a name may have brought the object that a second hint is about.
    var unnamed: [(handle: ObjectKey, hint: DirtySet.Hint)] = []
    hints.forEach { record in
      guard record.name.isEmpty else { return }
      guard let node = reported(record.key) else {
        if view.hintsAtNames { unnamed.append((record.key, record.hint)) }
        return
      }
      if record.hint.contains(.something), mirror.isDirectory(node) { toScan.append(node) }
      note(record.hint, of: node)
      if hasTroubles { noteTroubled(node) }
    }
    finishLooking()
    note(reported: unnamed)
  }

  /// What is reported with a handle, if it is known.
  @inline(__always)
  private func reported(_ handle: ObjectKey) -> Mirror.Node? {
    view.key(reported: handle).flatMap { mirror.node($0) }
  }

  /// Works off what looks have given rise to.
  func finishLooking() {
    while true {
      if let directory = toScan.popLast() {
        if mirror.isLive(directory) { scan(directory) }
      } else if let next = toLook.popLast() {
        if mirror.isLive(next.directory) {
          next.name.bytes.withUnsafeBytes { look(next.directory, $0, tries: next.tries) }
        }
      } else {
        isSeekingOrphans = false
        return
      }
    }
  }

  /// Chooses the directory that names are looked at in.
  ///
  /// - Returns: false when it cannot be opened; when it is gone, its name is looked at.
  func enter(_ directory: Mirror.Node) -> Bool {
    do throws(Errno) {
      try view.enter(mirror.key(directory))
      return true
    } catch {
      if directory == mirror.root { unlisted[.root] = error } else { failed(directory, error) }
      return false
    }
  }

  /// An object could not be opened: gone means that its names are out of date; anything else means
  /// that nothing is known.
  func failed(_ node: Mirror.Node, _ error: Errno) {
    if error == .staleNFSFileHandle || error == .noSuchFileOrDirectory {
      if view.findsByName, mirror.isDirectory(node) { displaced.insert(node) }
      lookAtNames(of: node)
    } else if mirror.isDirectory(node) {
      unlisted[mirror.id(node)] = error
    } else {
      unreadable[mirror.id(node)] = error
    }
  }

  /// Has every name that the mirror knows of an object looked at again.
  func lookAtNames(of node: Mirror.Node) {
    mirror.forEachLink(of: node) { place in
      toLook.append((mirror.parent(of: place), mirror.name(of: place), 0))
    }
  }
}
