import LinuxSystem
import Tree

/// Adds up who did what over several commits: for each object, who had a part in any of them.
struct AttributionComposer {
  private var processes: [ProcessRecord] = []
  private var places: [ProcessRecord: Int] = [:]
  private var acts: [ObjectID: [Attribution.Act]] = [:]

  mutating func add(_ attribution: Attribution, _ objects: [ObjectChange]) {
    guard !attribution.isEmpty else { return }
    for object in objects {
      for act in attribution[object.id] { add(act, by: attribution.processes[act.process], to: object.id) }
    }
  }

  private mutating func add(_ act: Attribution.Act, by process: ProcessRecord, to object: ObjectID) {
    let place: Int
    if let known = places[process] {
      place = known
    } else {
      place = processes.count
      processes.append(process)
      places[process] = place
    }
    var own = acts[object] ?? []
    if let at = own.firstIndex(where: { $0.process == place }) {
      own[at].deeds.formUnion(act.deeds)
    } else if own.count < Attribution.actCountMax {
      own.append(Attribution.Act(process: place, deeds: act.deeds))
    }
    acts[object] = own
  }

  /// What is known of the objects that are left.
  func finish(_ objects: [ObjectChange]) -> Attribution {
    var result = Attribution()
    guard !acts.isEmpty else { return result }
    var renumbered: [Int: Int] = [:]
    for object in objects {
      guard let own = acts[object.id] else { continue }
      var mapped: [Attribution.Act] = []
      for act in own {
        let place: Int
        if let known = renumbered[act.process] {
          place = known
        } else {
          place = result.add(processes[act.process])
          renumbered[act.process] = place
        }
        mapped.append(Attribution.Act(process: place, deeds: act.deeds))
      }
      result.set(mapped, of: object.id)
    }
    return result
  }
}
