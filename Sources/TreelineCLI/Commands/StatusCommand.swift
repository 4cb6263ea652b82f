import ArgumentParser
import Treeline

struct StatusCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how a running backup or recording stands.",
    discussion: """
      Without JOURNAL it shows all that run. Other users than root and the one who runs it see counts \
      and no paths.

      `can restore`, `restorable` in JSON, is what the destination can give back: the oldest and the newest moment, \
      and how many there are.

        treeline status
        treeline status --json home-ann-Documents
      """)

  @OptionGroup var journal: JournalArgument

  @Flag(help: "Show it again every second, until interrupted.")
  var watch = false

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let clients = try clients()
    // What can be had back is looked up once: that takes a reading of the destination's log.
    var restorable: [RestorableRange?] = []
    var isFirst = true
    let isLive = watch && !output.json && Output.standard.isTerminal
    repeat {
      if isLive { try Output.standard.write("\u{1b}[H\u{1b}[2J") }
      for (index, client) in clients.enumerated() {
        var status = try client.status()
        if isFirst { restorable.append(RestorableRange(of: status.destination)) }
        status.restorable = restorable[index]
        try show(status)
      }
      isFirst = false
      try Output.standard.flush()
    } while watch && Output.standard.waitWhileRead(milliseconds: 1000)
    return .done
  }

  private func clients() throws(TreelineError) -> [ControlClient] {
    guard journal.journal == nil else { return [try journal.client()] }
    let all = ControlClient.all()
    return all.isEmpty ? [try .onlyOne()] : all
  }

  private func show(_ status: Status) throws(TreelineError) {
    guard output.json else { return try Output.standard.write(statusText(status) + "\n") }
    var json = JSONWriter()
    status.write(to: &json)
    json.newline()
    try Output.standard.write(json.bytes)
  }
}
