import LinuxSystem
import SystemPackage
import Tree

/// What a pass over the whole tree must know, when events were lost or never there.
struct Verification {
  /// The rows of directories that were listed in this pass, or are about to be.
  var visited: Set<UInt32> = []
  /// The reader is under way, and goes on by itself into the directories that it finds.
  var isReading = true
  /// Files changed from here on are suspect, whatever their ctime: after a power cut, new times may
  /// stand over old data.
  var suspectFrom: Timestamp? = nil
  /// How many files were found that may have stores in memory alone.
  var freshCount = 0
}

/// A file that a pass over the tree found with the ctime that is known of it, and that may have changed all the same.
struct YoungFile {
  var node: Mirror.Node
  var id: ObjectID
  /// The last complete drain before the pass looked at it.
  var drainedSeconds: Int64
}

extension Mirror.Node {
  var row32: UInt32 { row }
}

extension Observer {
  /// Lists every directory of the source and makes the mirror agree: at the start, and whenever
  /// hints were lost. What moved meanwhile is found by its handle.
  ///
  /// What was left without a name on the way was not looked at; so the pass is over when that has been
  /// found or given up, and `endVerification` is called.
  package func verifyAll(drained: Timestamp, suspectFrom: Timestamp? = nil) {
    drainedSeconds = drained.seconds
    needsVerification = false
    young.removeAll()
    verification = Verification(suspectFrom: suspectFrom ?? verification?.suspectFrom)
    observeRoot()
    let reader =
      exclusion.map { view.readTree(excluded: excluded, rules: $0.rules) }
      ?? view.readTree(excluded: excluded)
    while let listing = reader.next() {
      integrate(listing)
      // The reader itself goes on into the directories that it found.
      toScan.removeAll(keepingCapacity: true)
      reader.recycle(listing)
      onProgress?()
    }
    verification?.isReading = false
    finishLooking()
    listMissed()
    // Also what a journal left without a name, which nobody has been looking for since.
    orphans = mirror.unlinked()
  }

  /// Lists what has a place in the tree and has not been listed in this pass: a directory that moved
  /// from what was still to be listed to what was already listed, or one below an object that was found
  /// nowhere, and could not be looked at when that was found.
  func listMissed() {
    while true {
      let missed = unvisited()
      if missed.isEmpty { return }
      toScan.append(contentsOf: missed)
      finishLooking()
    }
  }

  func observeRoot() {
    do throws(Errno) {
      try view.lookAtObject(mirror.key(mirror.root)) { status throws(Errno) in
        try observe(mirror.root, status)
      }
    } catch {
      unreadable[.root] = error
    }
  }

  /// Ends the pass: what changes from here on is told by events alone.
  package func endVerification() { verification = nil }

  /// What has not been listed yet in the tree; what hangs on a directory without a name has to wait
  /// until that is found, for it may have left the source.
  private func unvisited() -> [Mirror.Node] {
    guard let visited = verification?.visited else { return [] }
    return mirror.directories { !visited.contains($0.row32) && mirror.isAttached($0) && !isAway($0) }
  }

  /// A directory was met that the mirror knows already: when the pass has not come to it, it does now.
  func revisit(_ directory: Mirror.Node) {
    guard let verification, !verification.isReading,
      !verification.visited.contains(directory.row32)
    else { return }
    self.verification?.visited.insert(directory.row32)
    toScan.append(directory)
  }

  // MARK: Content

  /// A regular file that was not known: its content is new.
  func contentIsNew(_ node: Mirror.Node, _ status: Observation) {
    if verification != nil {
      noteFresh(node, status)
      mirror.settleContent(node)
    } else {
      mirror.suspectContent(node)
      settling.note(mirror.id(node), node, isClosed: isQuiet(status))
    }
  }

  /// Called before the attributes of a known object are kept, whoever looks: what they show of the
  /// content must not be lost.
  func noteContent(_ node: Mirror.Node, _ status: Observation) {
    guard status.kind == .regular, !mirror.isNew(node) else { return }
    // A store into a mapping moves its time as well, without an event. What else happened to it may have
    // it looked at now, and once its new ctime is known nothing tells of that store any more.
    let isMoved = status.changed != mirror.changedTime(node)
    if status.attributes.modified != mirror.modifiedTime(node) || (isMoved && isSeekingSilent) {
      // Whoever it was may be there still.
      mirror.suspectContent(node)
      settling.note(mirror.id(node), node, isClosed: false)
    } else if isMoved, isToldUncertainly(node) {
      doubtContent(node, status)
    }
    guard let verification else { return }
    noteFresh(node, status)
    let known = mirror.changedTime(node)
    let isSuspect =
      status.changed != known
      || mirror.isSuspect(node)
      || (verification.suspectFrom.map { status.changed >= $0 } ?? false)
    if isSuspect {
      doubtContent(node, status)
    } else if isYoung(status.changed, node) {
      young.append(YoungFile(node: node, id: mirror.id(node), drainedSeconds: drainedSeconds))
    }
  }

  /// Has the files compared that a pass found as they were known, and so young that they may differ all the same.
  ///
  /// After a burst these are many, and hardly one of them differs: what is known to have changed goes first.
  func doubtYoung() {
    for file in young where mirror.isLive(file.node) && mirror.id(file.node) == file.id {
      let node = file.node
      guard mirror.kind(node) == .regular, !mirror.isSuspect(node) else { continue }
      let changed = mirror.changedTime(node)
      // One that was looked at since then is as old as that look says.
      if isYoung(changed, node) {
        mirror.observe(
          node, mirror.attributes(node), changed: changed,
          drainedSeconds: max(mirror.drainedSeconds(node), file.drainedSeconds))
      }
      mirror.suspectContent(node)
      settling.note(file.id, node, isClosed: isQuiet(since: changed))
    }
    young.removeAll()
  }

  /// Whether a file may have been written and no hint have led to it: it was another one that had the same
  /// key, or it was told of by a name that it got and lost between two rounds.
  private func isToldUncertainly(_ node: Mirror.Node) -> Bool {
    mirror.key(node).isReusable || view.hintsAtNames
  }

  /// Has the content of a file compared.
  func doubtContent(_ node: Mirror.Node, _ status: Observation) {
    guard status.kind == .regular else { return }
    mirror.suspectContent(node)
    settling.note(mirror.id(node), node, isClosed: isQuiet(status))
  }

  /// Whether an object may have changed after its last look and show the same ctime: a look may have
  /// recorded a ctime whose event was still queued when it was lost, and ctimes move in ticks.
  func isYoung(_ changed: Timestamp, _ node: Mirror.Node) -> Bool {
    changed.seconds >= mirror.drainedSeconds(node) - 2
  }

  /// The last complete drain after which an object is known to have changed no more than was told.
  ///
  /// A look that shows a young ctime again does not prove that nothing was stored within its tick since
  /// the content was copied: the object stays as young as it was, and is compared after a restart.
  func coveredSeconds(_ node: Mirror.Node, _ status: Observation) -> Int64 {
    guard status.kind == .regular, !isSeekingSilent,
      status.changed == mirror.changedTime(node), isYoung(status.changed, node),
      !mirror.isSuspect(node)
    else { return drainedSeconds }
    return min(drainedSeconds, mirror.drainedSeconds(node))
  }

  /// Whether a file was last changed so long ago that nobody can be in the midst of writing it.
  private func isQuiet(_ status: Observation) -> Bool { isQuiet(since: status.changed) }

  private func isQuiet(since changed: Timestamp) -> Bool {
    let age = clock.now.nanosecondsSince1970 - changed.nanosecondsSince1970
    return age > settling.policy.quietNanoseconds && age > 0
  }
}
