import Journal
import LinuxSystem
import SystemPackage
import Tree

/// The versions of one path, as a destination's own log tells them in one reading.
extension DestinationPast {
  /// What stood at a path at some moments, one version for all moments between which nothing changed.
  ///
  /// - Parameters:
  ///   - names: from the copy's root, as in the source.
  ///   - points: some of `points()`, oldest first.
  package func versions(
    of names: [[UInt8]], at points: [RestorePoint]
  ) throws(ReplayError) -> [PastVersion] {
    guard let first = points.first, let last = points.last else { return [] }
    var trace = PathTrace(names)
    let log = try openLog()
    let start = try beginning(log, atOrBefore: first.place, &trace)
    do throws(JournalError) {
      guard try log.seek(after: start) else { throw .dropped(upTo: log.oldest.sequence) }
    } catch {
      throw .history(error)
    }
    var found: [PastVersion] = []
    var waiting = points[...]
    func note() {
      guard let point = waiting.popFirst() else { return }
      let state = trace.current
      let before = found.last
      if before == nil && state == nil { return }
      if let before, before.id == state?.id ?? .none, trace.isSame(before.attributes, state?.attributes) {
        // Its content can be had from the first moment on at which it had settled.
        if before.point.unsettled.contains(before.id), !point.unsettled.contains(before.id) {
          found[found.count - 1].point = point
        }
        return
      }
      let actors = trace.takeActors(of: state?.id, after: before?.id ?? .none)
      found.append(
        PastVersion(
          point: point, id: state?.id ?? .none, attributes: state?.attributes, actors: actors, place: .none))
    }
    while let next = waiting.first, next.place <= start { note() }
    var tail = HistoryTail()
    try advance(log, &tail, upTo: last.place) { commit, finished throws(ReplayError) in
      if let finished, !finished.applied.isAdopting {
        for (changes, intent) in finished.begun {
          if let end = intent.end, end.sequence.rawValue > finished.applied.sequence { continue }
          for set in changes { try trace.take(set.changes, by: set.attribution) }
        }
      }
      if waiting.first?.place == commit.cursor.sequence { note() }
    }
    return try placed(found) { trace.isKnown($0) }
  }

  /// Reads the newest whole tree at or before a commit of the log.
  private func beginning(
    _ log: JournalReader, atOrBefore end: Sequence, _ trace: inout PathTrace
  ) throws(ReplayError) -> Sequence {
    for number in try treePlaces().reversed() where number <= end {
      do throws(JournalError) {
        guard let whole = try log.checkpoint(atOrBefore: number) else { break }
        var part = ChangeSet()
        var fresh = trace
        while try whole.next(&part) {
          do throws(ReplayError) { try fresh.take(part, by: Attribution()) } catch {
            throw JournalError.damaged(
              Finding(file: "history", offset: 0, sequence: number, what: "what no tree can be"))
          }
        }
        trace = fresh
        return whole.cursor.sequence
      } catch .damaged {
        continue
      } catch {
        throw .history(error)
      }
    }
    return .zero
  }

  /// Says of each where its content is.
  private func placed(
    _ versions: [PastVersion], isThere: (ObjectID) -> Bool
  ) throws(ReplayError) -> [PastVersion] {
    guard let since, let first = versions.first else { return versions }
    let slots: [ObjectID: [Sequence]]
    do throws(Errno) {
      slots = try VersionStore.places(
        of: Set(versions.map(\.id)), in: own.raw, journal: since.journal, from: first.point.sequence)
    } catch {
      throw .destination(error, what: "list the versions")
    }
    return versions.map { version in
      guard let attributes = version.attributes, attributes.kind == .regular else { return version }
      var placed = version
      // The first content that was kept after the moment is the one that it had; where none was, it has it still.
      if version.point.unsettled.contains(version.id) {
        placed.place = .gone
      } else if slots[version.id]?.contains(where: { $0 >= version.point.sequence }) == true {
        placed.place = .kept
      } else {
        placed.place = isThere(version.id) ? .current : .gone
      }
      return placed
    }
  }
}

/// Follows which object has a path, and what it is.
private struct PathTrace {
  let names: [[UInt8]]
  private var tree = DestinationTree()
  /// Objects that had the last name of the path, in whatever directory.
  private var attributes: [ObjectID: Attributes] = [:]
  /// Who did what to these since the last version.
  private var actors: [ObjectID: [PastVersion.Actor]] = [:]

  init(_ names: [[UInt8]]) { self.names = names }

  mutating func take(_ changes: ChangeSet, by attribution: Attribution) throws(ReplayError) {
    try tree.take(changes)
    for change in changes.objects {
      if change.facts.contains(.removed) { continue }
      let isNamed = changes.links(of: change).contains { link in
        link.isGained && changes.link(link).name.bytes == names.last
      }
      if isNamed || attributes[change.id] != nil || names.isEmpty && change.id == .root {
        attributes[change.id] = change.attributes
      }
    }
    if !attribution.isEmpty {
      for change in changes.objects where attributes[change.id] != nil { note(change.id, attribution) }
    }
    for change in changes.objects where change.facts.contains(.removed) { attributes[change.id] = nil }
  }

  private mutating func note(_ id: ObjectID, _ attribution: Attribution) {
    for act in attribution[id] {
      let process = attribution.processes[act.process]
      if let at = actors[id]?.firstIndex(where: { $0.process == process }) {
        actors[id]![at].deeds.formUnion(act.deeds)
      } else if actors[id, default: []].count < Attribution.actCountMax {
        actors[id, default: []].append(PastVersion.Actor(process: process, deeds: act.deeds))
      }
    }
  }

  /// Those who made a version: who changed what has the path now, or took it from what had it before.
  mutating func takeActors(of id: ObjectID?, after before: ObjectID) -> [PastVersion.Actor] {
    defer { actors.removeAll() }
    if let id { return actors[id] ?? [] }
    return (actors[before] ?? []).filter { $0.deeds.isEmpty || !$0.deeds.isDisjoint(with: [.rename, .remove]) }
  }

  func isKnown(_ id: ObjectID) -> Bool { attributes[id] != nil }

  /// What has the path now.
  var current: (id: ObjectID, attributes: Attributes)? {
    for (id, attributes) in attributes where hasPath(id) { return (id, attributes) }
    return nil
  }

  /// Whether two states are one version: of a directory, what is in it says nothing.
  func isSame(_ a: Attributes?, _ b: Attributes?) -> Bool {
    guard let a, let b, a.kind == .directory, b.kind == .directory else { return a == b }
    return a.mode == b.mode && a.uid == b.uid && a.gid == b.gid
  }

  private func hasPath(_ id: ObjectID) -> Bool {
    if names.isEmpty { return id == .root }
    return tree.links(of: id).contains { link in
      guard link.name.bytes == names.last else { return false }
      var at = link.parent
      for name in names.dropLast().reversed() {
        guard let above = tree.link(of: at), above.name.bytes == name else { return false }
        at = above.parent
      }
      return at == .root
    }
  }
}
