import Glibc
import LinuxSystem
import Tree

/// Who did something to an object since a commit last spoke of it.
///
/// The watch knows handles, and is told of the whole filesystem; the ledger keeps what concerns the
/// source, until the commit that it belongs to. One thread uses it.
package final class DeedLedger {
  private struct Act {
    var process: ProcessRecord
    var deeds: Deeds
  }

  private struct Account {
    var acts: [Act] = []
    /// What a commit was given though it said nothing of the kind: its look came before the deed, and the
    /// next commits may show it.
    var held: [Act] = []
    var heldUntil = 0
    /// The number of the commit that was to come when the account was opened.
    var opened: Int
  }

  private struct Stray {
    var key: ObjectKey
    var act: Act
    /// Rounds in which it was not found.
    var rounds = 0
  }

  /// What came and went, until a commit tells of it.
  private struct Passed {
    var object: TakenDeeds.Passed
    /// Where the mirror knows or knew it.
    var id: ObjectID?
    /// Commits for which it waited.
    var commits = 0
  }

  private let take: () -> TakenDeeds
  private var accounts: [ObjectID: Account] = [:]
  /// What was done to objects that the mirror does not know: it may meet them soon.
  private var strays: [Stray] = []
  private var passed: [Passed] = []
  /// What the mirror knew of the objects that were made last, and which of them commits have told of.
  private var met = RecentTable<ObjectKey, ObjectID>(halfCountMax: 8_192)
  private var told = RecentTable<ObjectID, Void>(halfCountMax: 8_192)
  private var taken = TakenDeeds()
  private var commit = 1
  /// Reports were lost since the last commit.
  private var isIncomplete = false
  private var isRescan = false
  /// The objects of which something is held.
  private var holding: Set<ObjectID> = []
  private var swept = 0

  /// The objects that can wait for their commit: some 16 MiB at one process each. Beyond, what was done
  /// is not kept, and said to be incomplete.
  package static let accountCountMax = 65_536
  private static let strayCountMax = 65_536
  /// The hint of an object may be read some rounds after its doer was, and rounds are short while
  /// something is on its way. What is not met by then is outside the source, or came and went.
  private static let strayRoundsMax = 32
  /// Likewise, the commit that shows what was reported before a look.
  private static let heldCommitsMax = 4
  /// How often a commit waits for reports that are late, and how long each time: what nobody reports waits
  /// in vain, a sweep's finding say.
  private let lateTriesMax: Int
  private static let lateMicroseconds: UInt32 = 2_000
  /// What no commit has spoken of for so long left no trace: a mode that was set and set back, say.
  private static let patienceCommits = 64

  /// Some rounds of what a watch gives at the most.
  private static let passedCountMax = 4 * TakenDeeds.passedCountMax
  /// What the processes of all that came and went take in a commit at the most.
  private static let passedProcessBytesMax = 1 << 20

  package convenience init(_ watch: ProcessWatch) {
    self.init(lateTriesMax: 5) { watch.take() }
  }

  /// - Parameter take: gives what was reported since it was called last.
  package init(lateTriesMax: Int = 0, taking take: @escaping () -> TakenDeeds) {
    self.lateTriesMax = lateTriesMax
    self.take = take
  }

  /// All was looked at anew, because hints were lost: of what is found by that the reports were lost too.
  package func noteRescan() { isRescan = true }

  /// Takes what was reported until now; called before the looks as well, because what goes is still
  /// known then.
  package func collect(_ mirror: Mirror) {
    taken = take()
    if taken.isIncomplete { isIncomplete = true }
    taken.forEach { key, place, deeds in
      let act = Act(process: taken.processes[place], deeds: deeds)
      if let node = mirror.node(key) {
        if deeds.contains(.create) { met.add(key, mirror.id(node)) }
        enter(act, mirror.id(node))
      } else if strays.count < Self.strayCountMax {
        strays.append(Stray(key: key, act: act))
      } else {
        isIncomplete = true
      }
    }
    for object in taken.passed where passed.count < Self.passedCountMax {
      passed.append(
        Passed(object: object, id: mirror.node(object.key).map { mirror.id($0) } ?? met[object.key]))
    }
    taken = TakenDeeds()
  }

  /// Finds the objects that the looks of a round have brought.
  package func resolve(_ mirror: Mirror) {
    settleStrays(mirror)
    for at in strays.indices { strays[at].rounds += 1 }
    strays.removeAll { $0.rounds >= Self.strayRoundsMax }
  }

  private func settleStrays(_ mirror: Mirror) {
    strays.removeAll { stray in
      guard let node = mirror.node(stray.key) else { return false }
      if stray.act.deeds.contains(.create) { met.add(stray.key, mirror.id(node)) }
      enter(stray.act, mirror.id(node))
      return true
    }
  }

  private func enter(_ act: Act, _ id: ObjectID) {
    if accounts[id] == nil, accounts.count >= Self.accountCountMax {
      sweep()
      guard accounts.count < Self.accountCountMax else {
        isIncomplete = true
        return
      }
    }
    var account = accounts.removeValue(forKey: id) ?? Account(opened: commit)
    defer { accounts[id] = account }
    if let at = account.acts.firstIndex(where: { $0.process.isSame(as: act.process) }) {
      account.acts[at].deeds.formUnion(act.deeds)
      // The later look may have seen another program of the same process; one that names none tells less.
      if act.process.isNamed { account.acts[at].process = act.process }
      return
    }
    guard account.acts.count < Attribution.actCountMax - 1 else {
      let others = Act(process: ProcessRecord(pid: 0, standing: .others), deeds: act.deeds)
      if account.acts.last?.process.standing == .others {
        account.acts[account.acts.count - 1].deeds.formUnion(act.deeds)
      } else {
        account.acts.append(others)
      }
      return
    }
    account.acts.append(act)
  }

  /// Says who made the changes of a commit.
  ///
  /// The looks saw what happened after the hints were taken as well: so it is asked once more.
  /// What was written and has not settled is said again with the commit that has the content.
  ///
  /// - Parameter leavesOut: whether a name in a directory is left out; what came and went under it is not told.
  package func attribute(
    _ changes: ChangeSet, of mirror: Mirror, into attribution: inout Attribution,
    leavesOut: (Mirror.Node, Name, _ isDirectory: Bool) -> Bool = { _, _, _ in false }
  ) {
    collect(mirror)
    settleStrays(mirror)
    waitForLateReports(changes, mirror)
    attribution.removeAll()
    var places: [ProcessRecord: Int] = [:]
    for object in changes.objects {
      if !object.facts.isDisjoint(with: [.created, .removed]) { told.add(object.id, ()) }
      guard var account = accounts[object.id] else {
        if isIncomplete || isRescan { attribution.set([lost(&attribution, &places)], of: object.id) }
        continue
      }
      var acts = Self.acts(of: account, for: object).map { act in
        Attribution.Act(process: place(act.process, &attribution, &places), deeds: act.deeds)
      }
      if isIncomplete { acts.append(lost(&attribution, &places)) }
      attribution.set(acts, of: object.id)
      settle(&account, after: object, changes)
      accounts[object.id] = account.acts.isEmpty && account.held.isEmpty ? nil : account
    }
    tellPassed(changes, mirror, &attribution, &places, leavesOut)
    forgetHeld()
    isIncomplete = false
    isRescan = false
    commit += 1
  }

  /// Says what came and went, and that no commit speaks of: the looks never saw it, or saw it come and then go.
  private func tellPassed(
    _ changes: ChangeSet, _ mirror: Mirror, _ attribution: inout Attribution,
    _ places: inout [ProcessRecord: Int], _ leavesOut: (Mirror.Node, Name, Bool) -> Bool
  ) {
    guard !passed.isEmpty else { return }
    let keys = Set(passed.map(\.object.key))
    var unmet: [ObjectKey: [Act]] = [:]
    for stray in strays where keys.contains(stray.key) { unmet[stray.key, default: []].append(stray.act) }
    strays.removeAll { keys.contains($0.key) }
    var bytes = 0
    var waiting: [Passed] = []
    for var one in passed {
      let object = one.object
      if mirror.node(object.key) != nil {
        // It has another name, or its going was not looked at yet.
        one.id = mirror.node(object.key).map { mirror.id($0) } ?? one.id
        one.commits += 1
        if one.commits < Self.heldCommitsMax { waiting.append(one) }
        continue
      }
      // Its going is a change like any other.
      if let id = one.id, told[id] != nil { continue }
      guard let directory = mirror.node(object.directory),
        !leavesOut(directory, object.name, object.isDirectory)
      else { continue }
      let acts = one.id.flatMap { accounts[$0]?.acts } ?? unmet[object.key] ?? []
      if let id = one.id { accounts[id] = nil }
      let known = acts.prefix(Attribution.actCountMax)
      bytes += known.reduce(0) { $0 + $1.process.residentBytes }
      guard bytes <= Self.passedProcessBytesMax else { continue }
      attribution.addTransient(
        object.name, in: mirror.id(directory), isDirectory: object.isDirectory,
        known.map { act in
          Attribution.Act(process: place(act.process, &attribution, &places), deeds: act.deeds)
        })
    }
    passed = waiting
  }

  /// The kernel tells one queue after the other, and may be held up between: what was drained, looked at
  /// and is to be committed may not have reached the watch yet.
  private func waitForLateReports(_ changes: ChangeSet, _ mirror: Mirror) {
    for _ in 0..<lateTriesMax {
      if isRescan || isIncomplete || changes.objects.allSatisfy({ accounts[$0.id] != nil }) { return }
      usleep(Self.lateMicroseconds)
      collect(mirror)
      settleStrays(mirror)
    }
  }

  /// What was reported since the last commit that spoke of the object, and of what is held the kinds of
  /// deeds that were not reported anew.
  private static func acts(of account: Account, for object: ObjectChange) -> [Act] {
    var acts = account.acts
    var wanted = acts.reduce(Deeds.known) { $0.subtracting($1.deeds) }
    if !object.facts.contains(.content) { wanted.subtract([.write, .close]) }
    for act in account.held {
      let deeds = act.deeds.intersection(wanted)
      if deeds.isEmpty { continue }
      if let at = acts.firstIndex(where: { $0.process.isSame(as: act.process) }) {
        acts[at].deeds.formUnion(deeds)
      } else if acts.count < Attribution.actCountMax {
        acts.append(Act(process: act.process, deeds: deeds))
      }
    }
    return acts
  }

  /// Forgets what a commit has said, and holds what it may not have.
  private func settle(
    _ account: inout Account, after object: ObjectChange, _ changes: ChangeSet
  ) {
    let told = Self.deeds(toldBy: object, changes)
    if account.acts.isEmpty {
      account.held = Self.acts(account.held, without: told)
    } else {
      // A hint may come after the look that answered it already: then its content is told once more.
      account.held = Self.acts(account.acts, without: told.subtracting([.write, .close]))
      account.heldUntil = commit + Self.heldCommitsMax
    }
    let isUnsettled = object.facts.contains(.unsettled)
    account.acts =
      isUnsettled ? Self.acts(account.acts, without: Deeds.known.subtracting([.create, .write, .close])) : []
    if account.held.isEmpty { holding.remove(object.id) } else { holding.insert(object.id) }
  }

  private static func deeds(toldBy object: ObjectChange, _ changes: ChangeSet) -> Deeds {
    if object.facts.contains(.removed) { return .known }
    var told: Deeds = []
    if object.facts.contains(.created) {
      told.insert(.create)
    } else {
      // A name that came tells nothing of a rename that was reported after the look.
      for link in changes.links(of: object) { told.insert(link.isGained ? .create : .remove) }
      if told.isSuperset(of: [.create, .remove]) { told.insert(.rename) }
    }
    if object.facts.contains(.content) { told.formUnion([.write, .close]) }
    if !object.facts.isDisjoint(with: [.attributes, .extendedAttributes]) {
      told.formUnion([.attributes, .entries])
    }
    return told
  }

  private static func acts(_ acts: [Act], without deeds: Deeds) -> [Act] {
    acts.compactMap { act in
      let left = act.deeds.subtracting(deeds)
      return left.isEmpty ? nil : Act(process: act.process, deeds: left)
    }
  }

  private func forgetHeld() {
    for id in holding {
      guard let account = accounts[id], !account.held.isEmpty else {
        holding.remove(id)
        continue
      }
      guard account.heldUntil <= commit else { continue }
      holding.remove(id)
      if account.acts.isEmpty { accounts[id] = nil } else { accounts[id]!.held = [] }
    }
  }

  private func sweep() {
    guard swept != commit else { return }
    swept = commit
    accounts = accounts.filter { $0.value.opened + Self.patienceCommits > commit }
  }

  private func place(
    _ process: ProcessRecord, _ attribution: inout Attribution, _ places: inout [ProcessRecord: Int]
  ) -> Int {
    if let place = places[process] { return place }
    let place = attribution.add(process)
    places[process] = place
    return place
  }

  private func lost(
    _ attribution: inout Attribution, _ places: inout [ProcessRecord: Int]
  ) -> Attribution.Act {
    Attribution.Act(
      process: place(ProcessRecord(pid: 0, standing: .lost), &attribution, &places), deeds: [])
  }
}
