import Journal
import LinuxSystem
import SystemPackage
import Tree

extension Replayer {
  /// Writes down which objects a plan will touch.
  ///
  /// - Returns: whether there is anything to sync.
  func intend(
    _ objects: [PlanObject], _ verbs: [Verb], _ staging: Staging, _ run: VerbRun,
    _ cursor: Cursor?
  ) throws(ReplayError) -> Bool {
    guard let destination, let history else { return false }
    if verbs.isEmpty, batch.isEmpty { return false }
    var moving: Set<ObjectID> = []
    for verb in verbs {
      switch verb {
      case .stage(let id), .move(let id, _, _, _), .link(let id, _, _, _), .unlink(let id, _),
        .removeDirectory(let id, _):
        moving.insert(id)
      case .setAttributes: break
      }
    }
    var entries: [IntentRecord.Entry] = []
    // What is made in a new directory needs no verb of its own.
    for id in staging.nested.values.joined() where !moving.contains(id) {
      guard let made = staging.made[id], let object = owed[id] else { continue }
      entries.append(
        IntentRecord.Entry(
          id: id, isDirectory: made.isDirectory, present: nil, staged: made.place, modified: nil,
          current: [], final: object.links))
    }
    // Also what others are renamed over: no verb names it.
    for object in objects where moving.contains(object.id) || !isSame(object.current, object.final) {
      entries.append(
        IntentRecord.Entry(
          id: object.id, isDirectory: object.isDirectory, present: inode(object, destination),
          staged: staging.made[object.id]?.place,
          modified: object.isDirectory ? run.modified[object.id] : nil, current: object.current,
          final: object.final))
    }
    // Directories that only get their time back: they are where they are, so they need no names.
    for (id, time) in run.modified where !moving.contains(id) {
      entries.append(
        IntentRecord.Entry(
          id: id, isDirectory: true, present: nil, staged: nil, modified: time, current: [],
          final: []))
    }
    try history.append(batch, IntentRecord(entries: entries, end: cursor))
    batch.removeAll(keepingCapacity: true)
    return true
  }

  private func inode(_ object: PlanObject, _ destination: Destination) -> DestinationInode? {
    guard let link = object.current.first else { return nil }
    guard let directory = try? destination.directory(link.parent, in: tree) else { return nil }
    return withCString(Destination.name(link)) { name in
      (try? FileStatus.of(name, in: directory)).map { DestinationInode($0) }
    }
  }

  /// Writes down the state after a plan.
  func recordApplied() throws(ReplayError) {
    guard let history, let applied else { return }
    try saveLosses()
    if !batch.isEmpty {
      // A batch that changed nothing here is part of the history all the same.
      try history.append(batch, IntentRecord(entries: [], end: applied))
      batch.removeAll(keepingCapacity: true)
    }
    var entries: [AppliedRecord.Entry] = []
    for (id, object) in owed {
      entries.append(
        AppliedRecord.Entry(
          id: id, isDirectory: object.isDirectory, reason: object.problem, copied: object.copied,
          current: tree.links(of: id), work: object.work, heldUpTo: held[id]))
    }
    entries.sort { $0.id < $1.id }
    try history.append(
      AppliedRecord(
        journal: applied.journal.bytes, sequence: applied.sequence.rawValue,
        chain: applied.chain.rawValue, isAdopting: adopts != .no,
        lossPoint: losses.point, entries: entries))
  }
}
