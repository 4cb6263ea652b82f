import Journal
import Tree

/// What is kept while a journal is read for its statistics.
struct StatisticsGathering {
  /// So many are counted at least, and up to twice as many exactly.
  private static let directoryCountMax = 16_384
  private static let actorCountMax = 1_024
  /// So many are told.
  static let directoriesTold = 1_000
  static let actorsTold = 100

  private var table = DirectoryTable()
  private var timeline = ActivityTimeline()
  private var directories = HeavyHitters<ObjectID>(limit: directoryCountMax)
  private var actors = HeavyHitters<ActorKey>(limit: actorCountMax)
  private var attributedCount: UInt64 = 0

  /// Takes in the tree at the start.
  mutating func begin(_ changes: ChangeSet) { table.apply(changes) { _ in false } }

  /// Takes in a commit.
  mutating func take(_ commit: Commit, isCounted: Bool) {
    // First, so that directories which came with this commit are known.
    table.apply(commit.changes) { [directories] in directories.contains($0) }
    guard isCounted, !commit.isOfFirstScan else { return }
    count(commit)
    if !commit.attribution.isEmpty { countActors(commit) }
  }

  private mutating func count(_ commit: Commit) {
    var activity = Activity()
    activity.commitCount = commit.commitCount
    let changes = commit.changes
    for object in changes.objects {
      activity.changeCount += 1
      let facts = object.facts
      let links = changes.links(of: object)
      let isWritten = facts.contains(.content) && object.attributes.kind == .regular
      if facts.contains(.created) {
        activity.createdCount += 1
      } else if facts.contains(.removed) {
        activity.removedCount += 1
      } else if links.contains(where: \.isGained), links.contains(where: { !$0.isGained }) {
        activity.renamedCount += 1
      } else if isWritten {
        activity.writtenCount += 1
      }
      if isWritten { activity.writtenBytes &+= object.attributes.sizeBytes }
      // A directory's times move with everything in it: that is counted there already.
      if object.attributes.kind == .directory, links.isEmpty { continue }
      // What was moved counts where it has come to, and what was removed where it was.
      let directory =
        links.last(where: \.isGained)?.parent ?? links.first?.parent ?? table.parent(of: object.id)
      directories.add(
        table.nearest(directory ?? .root), weight: isWritten ? object.attributes.sizeBytes : 0)
    }
    timeline.add(activity, at: commit.header.time)
  }

  private mutating func countActors(_ commit: Commit) {
    var counts = Array(repeating: UInt64(0), count: commit.attribution.processes.count)
    for object in commit.changes.objects {
      let acts = commit.attribution[object.id]
      if !acts.isEmpty { attributedCount += 1 }
      for act in acts { counts[act.process] += 1 }
    }
    for (process, count) in zip(commit.attribution.processes, counts) where count > 0 {
      actors.add(ActorKey(process), count: count)
    }
  }

  /// Says what was gathered.
  func finish(_ statistics: inout JournalStatistics) {
    statistics.timeline = timeline
    statistics.isDirectoryLossy = table.isLossy
    statistics.attributedCount = attributedCount
    statistics.directories = directories.top(Self.directoriesTold).map {
      JournalStatistics.BusyDirectory(
        path: table.path(of: $0.key), changeCount: $0.count, error: $0.error,
        writtenBytes: $0.weight)
    }
    statistics.actors = actors.top(Self.actorsTold).map {
      JournalStatistics.BusyActor(
        name: $0.key.name, uid: $0.key.uid, unit: $0.key.unit, changeCount: $0.count,
        error: $0.error)
    }
  }
}
