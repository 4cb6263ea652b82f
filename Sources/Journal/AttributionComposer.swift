import LinuxSystem
import Tree

/// Adds up who did what over several commits: for each object, who had a part in any of them, and what came
/// and went.
struct AttributionComposer {
  private var processes: [ProcessRecord] = []
  private var places: [ProcessRecord: Int] = [:]
  private var acts: [ObjectID: [Attribution.Act]] = [:]
  private var passed = PassedNames()

  mutating func add(_ attribution: Attribution, _ changes: ChangeSet) {
    passed.follow(changes)
    guard !attribution.isEmpty else { return }
    for object in changes.objects {
      let own = attribution[object.id]
      guard !own.isEmpty else { continue }
      for act in own { Self.add(known(act, attribution), to: &acts[object.id, default: []]) }
      passed.note(object, changes)
    }
    for transient in attribution.transients {
      guard let at = passed.add(transient) else { continue }
      for act in attribution[transient] { Self.add(known(act, attribution), to: &passed.names[at].acts) }
    }
  }

  /// The same act, with the place that its process has here.
  private mutating func known(_ act: Attribution.Act, _ attribution: Attribution) -> Attribution.Act {
    let process = attribution.processes[act.process]
    let place = places[process] ?? processes.count
    if place == processes.count {
      processes.append(process)
      places[process] = place
    }
    return Attribution.Act(process: place, deeds: act.deeds)
  }

  /// What one process did is said once.
  static func add(_ act: Attribution.Act, to own: inout [Attribution.Act]) {
    if let at = own.firstIndex(where: { $0.process == act.process }) {
      own[at].deeds.formUnion(act.deeds)
    } else if own.count < Attribution.actCountMax {
      own.append(act)
    }
  }

  /// What is known of the objects that are left, and of what came and went.
  consuming func finish(_ objects: [ObjectChange]) -> Attribution {
    var result = Attribution()
    var renumbered: [Int: Int] = [:]
    for object in objects {
      guard let own = acts[object.id] else { continue }
      result.set(mapped(own, &renumbered, &result), of: object.id)
    }
    passed.addPassed(acts, left: objects)
    // Their processes share one frame.
    var bytes = 0
    var counted: Set<Int> = []
    for one in passed.names {
      let new = Set(one.acts.map(\.process)).subtracting(counted)
      let more = new.reduce(0) { $0 + processes[$1].residentBytes }
      let isKnown = bytes + more <= PassedNames.processBytesMax
      if isKnown {
        bytes += more
        counted.formUnion(new)
      }
      result.addTransient(
        one.link.name, in: one.link.parent, isDirectory: one.isDirectory,
        isKnown ? mapped(one.acts, &renumbered, &result) : [])
    }
    return result
  }

  private func mapped(
    _ own: [Attribution.Act], _ renumbered: inout [Int: Int], _ result: inout Attribution
  ) -> [Attribution.Act] {
    own.map { act in
      let place = renumbered[act.process] ?? result.add(processes[act.process])
      renumbered[act.process] = place
      return Attribution.Act(process: place, deeds: act.deeds)
    }
  }
}
