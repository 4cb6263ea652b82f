import LinuxSystem
import Tree

/// A process that had a part in what a line tells.
public struct Actor: Sendable, Equatable {
  public var process: ProcessRecord
  /// All that it did to the object in that commit.
  public var deeds: Deeds

  /// The processes behind one operation on an object: those that are recorded to have done such a thing.
  static func of(
    _ operation: Operation, _ object: ObjectID, _ attribution: Attribution
  ) -> [Actor] {
    let all = attribution[object].map {
      Actor(process: attribution.processes[$0.process], deeds: $0.deeds)
    }
    for deeds in likely(operation) {
      let found = all.filter { !$0.deeds.isDisjoint(with: deeds) }
      if !found.isEmpty { return found + all.filter { $0.deeds.isEmpty } }
    }
    return all.filter { $0.deeds.isEmpty }
  }

  /// What leads to an operation; first what does so by itself.
  private static func likely(_ operation: Operation) -> [Deeds] {
    switch operation {
    // What comes over the border of the source, or goes, is renamed.
    case .create, .link: [.create, .rename]
    // What a rename replaces only loses a link.
    case .remove, .unlink: [.remove, .rename, .attributes]
    case .rename: [.rename]
    case .write: [[.write, .close]]
    case .attributes: [.attributes, .entries]
    default: []
    }
  }

  /// The members of an element of `who` in JSON.
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("pid", Int64(process.pid))
      if process.standing != .alive { json.member("standing", process.standing.word) }
      guard process.isNamed || process.uid != nil else { return writeDeeds(&json) }
      if process.origin != .report { json.member("seen", process.origin.word) }
      if process.startTicks > 0 { json.member("start", process.startTicks) }
      if process.parent > 0 { json.member("ppid", Int64(process.parent)) }
      if !process.executable.isEmpty { json.path("exe", process.executable) }
      if !process.commandName.isEmpty { json.path("comm", process.commandName) }
      if let uid = process.uid { json.member("uid", UInt64(uid)) }
      if let uid = process.loginUID { json.member("loginuid", UInt64(uid)) }
      if !process.unit.isEmpty { json.path("unit", Array(process.unit)) }
      if !process.controlGroup.isEmpty { json.path("cgroup", process.controlGroup) }
      if !process.arguments.isEmpty {
        json.array("argv") { json in
          for argument in process.argumentList { json.element(printable(argument)) }
        }
      }
      writeDeeds(&json)
    }
  }

  private func writeDeeds(_ json: inout JSONWriter) {
    json.array("did") { json in for word in deeds.words { json.element(word) } }
  }

  /// As a column shows it: `mv[812] uid 1000 in cron.service`.
  public var text: String {
    switch process.standing {
    case .lost: return "unknown (reports were lost)"
    case .others: return "others"
    case .alive, .exited, .gone, .unreachable: break
    }
    if process.pid == 0 { return "unknown (in another namespace)" }
    guard process.isNamed else {
      let why = process.standing == .unreachable ? "could not be looked at" : "exited"
      return "unknown[\(process.pid)] (\(why))"
    }
    var text = "\(printable(process.name))[\(process.pid)]"
    if let uid = process.uid { text += " uid \(uid)" }
    if let login = process.loginUID, login != process.uid { text += " login \(login)" }
    if !process.unit.isEmpty { text += " in \(printable(Array(process.unit)))" }
    return text
  }
}

extension ProcessRecord {
  /// The last component of the program's path; of a kernel thread its name.
  var name: [UInt8] {
    executable.isEmpty ? commandName : Array(executable[((executable.lastIndex(of: 0x2f) ?? -1) + 1)...])
  }

  var argumentList: [[UInt8]] {
    var list = arguments.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    if arguments.last == 0 { list.removeLast() }
    return list
  }
}

extension ProcessRecord.Standing {
  var word: String {
    switch self {
    case .alive: "alive"
    case .exited: "exited"
    case .gone: "gone"
    case .unreachable: "unreachable"
    case .lost: "lost"
    case .others: "others"
    }
  }
}

extension ProcessRecord.Origin {
  var word: String {
    switch self {
    case .report: "report"
    case .start: "start"
    case .fork: "fork"
    }
  }
}

extension Deeds {
  var words: [String] {
    let all: [(Deeds, String)] = [
      (.create, "create"), (.remove, "remove"), (.rename, "rename"), (.write, "write"),
      (.attributes, "attributes"), (.close, "close"), (.entries, "entries"),
    ]
    return all.filter { contains($0.0) }.map(\.1)
  }
}
