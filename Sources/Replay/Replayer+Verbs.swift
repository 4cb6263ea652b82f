import LinuxSystem
import SystemPackage
import Tree

extension Replayer {
  /// Does the verbs of a plan, in order; what depends on a verb that failed is left for the next plan.
  func perform(
    _ verbs: [Verb], _ staging: inout Staging, _ run: inout VerbRun
  ) throws(ReplayError) {
    for verb in verbs {
      guard isPossible(verb, staging, run) else {
        run.leaveOut(verb.object)
        continue
      }
      if let left = verbsUntilInterruption, !isStage(verb) {
        if left == 0 { throw .interrupted }
        verbsUntilInterruption = left - 1
      }
      tell(verb)
      do throws(Errno) {
        if let destination { try perform(verb, at: destination, run) }
        note(verb, &staging, &run)
      } catch {
        if isFatal(error) { throw .destination(error, what: "change a name") }
        let (id, replaced) = concerned(verb, run)
        run.failed[id] = error
        if let replaced { run.failed[replaced] = error }
        run.leaveOut(id)
      }
    }
  }

  private func isStage(_ verb: Verb) -> Bool {
    if case .stage = verb { true } else { false }
  }

  /// Whether what a verb starts from is so; it is not where an earlier verb failed. No name is taken
  /// from an object that has not got all that the plan was to give it before.
  private func isPossible(_ verb: Verb, _ staging: Staging, _ run: VerbRun) -> Bool {
    func has(_ id: ObjectID, _ link: Link) -> Bool {
      link == .staged(id) && staging.made[id] != nil || tree.links(of: id).contains(link)
    }
    func isPlace(_ id: ObjectID) -> Bool { id == .park || tree.contains(id) }
    switch verb {
    case .stage:
      return true
    case .move(let id, let from, let to, let over), .link(let id, let from, let to, let over):
      if run.failed[id] != nil || !isPlace(to.parent) || !has(id, from) { return false }
      if let owner = run.owner(to), owner != id, !over || run.isLeftOut(owner) { return false }
      return true
    case .unlink(let id, let link), .removeDirectory(let id, let link):
      return !run.isLeftOut(id) && has(id, link)
    case .setAttributes(let id):
      return run.failed[id] == nil && (id == .root || tree.contains(id))
    }
  }

  /// The object of a verb, and the one that it was to replace.
  private func concerned(_ verb: Verb, _ run: VerbRun) -> (ObjectID, ObjectID?) {
    switch verb {
    case .stage(let id), .unlink(let id, _), .removeDirectory(let id, _), .setAttributes(let id):
      (id, nil)
    case .move(let id, _, let to, let over), .link(let id, _, let to, let over):
      (id, over ? run.owner(to).flatMap { $0 == id ? nil : $0 } : nil)
    }
  }

  /// Notes what a verb did, in the tree and in what is owed.
  private func note(_ verb: Verb, _ staging: inout Staging, _ run: inout VerbRun) {
    switch verb {
    case .stage:
      objectsMade += 1
    case .move(let id, let from, let to, let over):
      replace(to, by: id, over, run)
      let isStaged = from == .staged(id) && staging.made[id] != nil
      if isStaged {
        staging.made[id] = nil
        published(id)
        if tree.contains(id) { run.published.insert(id) }
      } else {
        run.touched.insert(from.parent)
      }
      // First the new name: an object without one would be gone from the tree.
      tree.add(to, to: id, isDirectory: owed[id]?.isDirectory ?? false)
      if !isStaged { tree.remove(from, from: id) }
      if isStaged { publishNested(in: id, &staging) }
      run.touched.insert(to.parent)
      run.noteMove(id, from: isStaged ? nil : from, to: to)
    case .link(let id, let from, let to, let over):
      replace(to, by: id, over, run)
      if from == .staged(id), tree.contains(id) { run.published.insert(id) }
      tree.add(to, to: id, isDirectory: false)
      run.touched.insert(to.parent)
      run.noteMove(id, from: nil, to: to)
    case .unlink(let id, let link):
      tree.remove(link, from: id)
      run.touched.insert(link.parent)
      run.noteRemoval(link)
    case .removeDirectory(let id, let link):
      tree.remove(id)
      destination?.forget(id)
      run.touched.insert(link.parent)
      run.touched.remove(id)
      run.noteRemoval(link)
    case .setAttributes(let id):
      if tree.isDirectory(id) { run.touched.insert(id) } else { run.touchedObjects = true }
      let lacksExtended = owed[id]?.lacksExtendedAttributes ?? false
      owed[id]?.work.subtract([.attributes, .extendedAttributes, .modified, .make])
      if lacksExtended { owed[id]!.work.insert(.extendedAttributes) }
    }
    run.touched.remove(.park)
  }

  private func replace(_ link: Link, by id: ObjectID, _ over: Bool, _ run: VerbRun) {
    guard over, let occupant = run.owner(link), occupant != id else { return }
    tree.remove(link, from: occupant)
  }

  /// A staged object has all its names: nothing is left to do but, for a directory, its attributes.
  func published(_ id: ObjectID) {
    guard let object = owed[id] else { return }
    owed[id]!.work.subtract(object.isDirectory ? [] : [.make, .content, .attributes, .extendedAttributes])
  }
}
