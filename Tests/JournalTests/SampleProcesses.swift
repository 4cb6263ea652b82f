import Journal
import LinuxSystem
import Tree

/// Acts of some objects by processes of every standing; half of the time none.
func randomAttribution(
  _ generator: inout some RandomNumberGenerator, _ changes: ChangeSet
) -> Attribution {
  var attribution = Attribution()
  guard Bool.random(using: &generator) else { return attribution }
  let places = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
    var process = ProcessRecord(
      pid: Int32.random(in: 0...4_194_304, using: &generator),
      standing: .allCases.randomElement(using: &generator)!,
      origin: .allCases.randomElement(using: &generator)!)
    process.uid = Bool.random(using: &generator) ? UInt32.max - 1 : nil
    process.loginUID = Bool.random(using: &generator) ? 0 : nil
    process.startTicks = UInt64.random(in: 0...1 << 40, using: &generator)
    process.executable = [UInt8](
      repeating: 0x2f, count: Int.random(in: 0...300, using: &generator))
    process.arguments = [0xff, 0, 0x61, 0]
    return attribution.add(process)
  }
  for object in changes.objects where Bool.random(using: &generator) {
    let acts = (0..<Int.random(in: 0...16, using: &generator)).map { _ in
      Attribution.Act(
        process: places.randomElement(using: &generator)!,
        deeds: Deeds(rawValue: UInt16.random(in: 0...127, using: &generator)))
    }
    attribution.set(acts, of: object.id)
  }
  for number in 0..<Int.random(in: 0...3, using: &generator) {
    let acts = places.prefix(number).map { Attribution.Act(process: $0, deeds: [.create, .remove]) }
    attribution.addTransient(
      Name("passing \(number)"), in: ObjectID(UInt64.random(in: 1...1 << 56, using: &generator)),
      isDirectory: Bool.random(using: &generator), acts)
  }
  return attribution
}

func describe(_ attribution: Attribution, _ changes: ChangeSet) -> [String] {
  changes.objects.sorted { $0.id < $1.id }.map { object in
    attribution[object.id].map { "\(attribution.processes[$0.process]) \($0.deeds)" }.joined()
  } + attribution.transients.map { transient in
    "\(transient.parent) \(transient.name.bytes) \(transient.isDirectory) "
      + attribution[transient].map { "\(attribution.processes[$0.process]) \($0.deeds)" }.joined()
  }
}

/// The journal in `Golden/version-1-who` and `version-1-packed-who`: a process of each standing and origin, with all that can be
/// said of one, then a commit without any.
enum GoldenProcesses {
  static let changes: ChangeSet = {
    var generator = SeededGenerator(11)
    return randomChanges(&generator, most: 12)
  }()

  static let attribution: Attribution = {
    var attribution = Attribution()
    var acts: [Attribution.Act] = []
    for (index, standing) in ProcessRecord.Standing.allCases.enumerated() {
      let origins = ProcessRecord.Origin.allCases
      var process = ProcessRecord(
        pid: 1 + Int32(index) * 70_000, standing: standing, origin: origins[index % origins.count])
      if standing == .alive || standing == .exited {
        process.startTicks = 1 << 40
        process.parent = 2
        process.uid = UInt32.max - 1
        process.loginUID = 0
        process.executable = Array("/usr/bin/\u{e4} (deleted)".utf8) + [0xff]
        process.commandName = Array("a) b".utf8)
        process.arguments = Array("x\0\0y\0".utf8)
        process.controlGroup = Array("/system.slice/cron.service".utf8)
      }
      acts.append(
        Attribution.Act(
          process: attribution.add(process), deeds: Deeds(rawValue: 1 << UInt16(index))))
    }
    acts[0].deeds = .known
    for (index, object) in changes.objects.enumerated() where index % 3 != 2 {
      attribution.set(acts[(index % 3)...], of: object.id)
    }
    return attribution
  }()

  static let described = describe(attribution, changes)

  static func write(at path: String) throws {
    let writer = try JournalWriter.create(
      at: Array(path.utf8),
      source: SourceIdentity(path: Array("/s".utf8), rootKey: key([1]), filesystem: [1]),
      id: JournalID([UInt8](repeating: 3, count: 16)), incarnation: 4)
    for attribution in [attribution, Attribution()] {
      try writer.append(
        changes, by: attribution, rawTime: Timestamp(seconds: 5, nanoseconds: 6),
        drainedSeconds: 7)
      try writer.sync()
    }
  }
}

/// The journal in `Golden/version-1-transients`: what came and went, by one process, by two and by nobody known.
enum GoldenTransients {
  static let attribution: Attribution = {
    var attribution = Attribution()
    var acts: [Attribution.Act] = []
    for pid in [7, 8] as [Int32] {
      var process = ProcessRecord(pid: pid, standing: .exited)
      process.executable = Array("/usr/bin/sort".utf8)
      acts.append(Attribution.Act(process: attribution.add(process), deeds: [.create, .write, .remove]))
    }
    attribution.addTransient(Name("sort1"), in: .root, isDirectory: false, acts.prefix(1))
    attribution.addTransient(Name([0xff]), in: .last, isDirectory: true, acts)
    attribution.addTransient(Name([UInt8](repeating: 0x61, count: 255)), in: ObjectID(2), isDirectory: false, acts.prefix(0))
    return attribution
  }()

  static func write(at path: String) throws {
    let writer = try JournalWriter.create(
      at: Array(path.utf8),
      source: SourceIdentity(path: Array("/s".utf8), rootKey: key([1]), filesystem: [1]),
      id: JournalID([UInt8](repeating: 3, count: 16)), incarnation: 4)
    for changes in [ChangeSet(), GoldenProcesses.changes] {
      try writer.append(
        changes, by: attribution, rawTime: Timestamp(seconds: 5, nanoseconds: 6), drainedSeconds: 7)
      try writer.sync()
    }
  }
}
