import ArgumentParser
import Journal
import Treeline

struct JournalVerifyCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read a whole journal and say what is wrong with it.",
    discussion: """
      Nothing is changed. Exit code 5 means damage: each line has the file, the byte and the commit. A \
      torn tail after the last durable commit is no damage; the next writer drops it.

      With --since or --until it answers whether anything can have been missed between the two: while \
      nothing recorded, when events were lost, when the filesystem itself failed. Each gap is a line, and \
      the exit code is 5 when there is one. What had changed was found by the next look at the whole tree, \
      but not when, by whom, nor what came and went meanwhile.

        treeline journal verify documents
        treeline journal verify documents --since yesterday --until '2h ago'

      WHEN is as with `treeline journal show`.
      """)

  @OptionGroup var journal: JournalArgument
  @Option(help: ArgumentHelp("Tell what was missed from here on.", valueName: "when"))
  var since: MomentArgument?

  @Option(help: ArgumentHelp("Tell what was missed up to here.", valueName: "when"))
  var until: MomentArgument?

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try journal.directory()
    guard since == nil, until == nil else { return try tellGaps(path) }
    let verification = try verification(of: path)
    for finding in verification.findings { try show(finding, isDamage: true) }
    if let tail = verification.tornTail { try show(tail, isDamage: false) }
    guard verification.findings.isEmpty else { return .damaged }
    if output.verbosity >= .normal {
      let last = verification.last?.sequence.rawValue ?? 0
      complain("\(printable(path)): all is as it was written, up to commit \(last)")
    }
    return .done
  }

  private func tellGaps(_ path: [UInt8]) throws(TreelineError) -> Treeline.ExitCode {
    let continuity: JournalContinuity
    do throws(JournalError) {
      continuity = try JournalContinuity(at: path, since: since.map(Self.point), until: until.map(Self.point))
    } catch {
      throw TreelineError(error, journal: path)
    }
    for gap in continuity.gaps { try show(gap) }
    guard continuity.gaps.isEmpty else { return .damaged }
    if output.verbosity >= .normal { complain("\(printable(path)): nothing was missed") }
    return .done
  }

  private static func point(_ argument: MomentArgument) -> JournalContinuity.Point {
    switch argument.value {
    case .sequence(let sequence): .sequence(sequence)
    case .time(let time): .time(time)
    }
  }

  private func show(_ gap: JournalContinuity.Gap) throws(TreelineError) {
    guard output.json else {
      let from = gap.from.map(\.localText) ?? "the beginning"
      let to = gap.to.map(\.localText) ?? "the end"
      let place = gap.until.map { "commit \($0.rawValue)" } ?? gap.after.map { "commit \($0.rawValue)" } ?? "?"
      return try Output.standard.write("gap\t\(place)\t\(from) to \(to)\t\(gap.line)\n")
    }
    var json = JSONWriter()
    json.object { json in
      json.member("gap", gap.kind.rawValue)
      if let after = gap.after { json.member("after_seq", after.rawValue) }
      if let until = gap.until { json.member("until_seq", until.rawValue) }
      if let from = gap.from { json.member("from", from.rfc3339) }
      if let to = gap.to { json.member("to", to.rfc3339) }
      json.member("what", gap.line)
    }
    json.newline()
    try Output.standard.write(json.bytes)
  }

  private func show(_ finding: Finding, isDamage: Bool) throws(TreelineError) {
    guard output.json else {
      let word = isDamage ? "damaged" : "torn tail"
      return try Output.standard.write("\(word)\t\(finding.line)\n")
    }
    var json = JSONWriter()
    json.object {
      $0.member("damage", isDamage)
      $0.path("segment", Array(finding.file.utf8))
      $0.member("offset", finding.offset)
      if let sequence = finding.sequence { $0.member("seq", sequence.rawValue) }
      $0.member("what", finding.what)
    }
    json.newline()
    try Output.standard.write(json.bytes)
  }
}

/// Reads a whole journal.
func verification(of path: [UInt8]) throws(TreelineError) -> JournalVerification {
  do throws(JournalError) { return try JournalVerification(at: path) } catch {
    throw TreelineError(error, journal: path)
  }
}

extension JournalContinuity.Gap {
  /// What a person is told.
  fileprivate var line: String {
    switch kind {
    case .before: "the journal begins later"
    case .after: "the journal ends earlier"
    case .stopped: "recording was stopped; what had changed was found by looking at the whole tree"
    case .broken: "recording ended without a stop; what had changed was found by looking at the whole tree"
    case .overflow: "events were lost; what had changed was found by looking at the whole tree"
    case .rescan: "the whole tree was looked at again"
    case .filesystemError: "the filesystem reported an error: \(printable(text))"
    case .scan: "the tree was looked at for the first time"
    }
  }
}
