import ArgumentParser
import Treeline

struct RestoreCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Give back a tree, or a part of it, as it was at an earlier moment.",
    discussion: """
      Everything comes from DESTINATION alone; the source and its journal may be gone, and a backup may go \
      on meanwhile. Each PATH begins at the root of the copy, or lies beneath DESTINATION; what was there \
      is made in DIR under the same path, with every attribute that it had. Without PATH the whole tree is \
      made. Exit code 3 lists what could not be given back whole.

        treeline restore --list /mnt/disk/Documents
        treeline restore /mnt/disk/Documents letters/ada.txt --at '2h ago' --to /tmp/back
        treeline restore /mnt/disk/Documents --at 'yesterday 18:00' --to /home/ada/Documents

      The moment is the last one at or before WHEN at which DESTINATION was complete. All of the last hour \
      can be had, the full hours of the last day, and midnights (UTC) before that, as far back as `--versions` \
      of the backup reaches. A damaged place in the log that DESTINATION keeps is told of, and costs the moments \
      from there up to the next whole tree in it.
      """)

  @Argument(help: "The directory that `treeline backup` writes to.")
  var destination: PathArgument

  @Argument(help: "What to give back; everything if nothing is named.")
  var paths: [PathArgument] = []

  @Option(
    help: ArgumentHelp(
      "The moment: a commit's number, RFC 3339, or as in `2h ago` and `yesterday 18:00`; the last one otherwise.",
      valueName: "when"))
  var at: MomentArgument?

  @Option(
    help: ArgumentHelp("An empty directory, or one that is to be made.", valueName: "dir"))
  var to: PathArgument?

  @Flag(help: "List the moments that can be had, oldest first, and give nothing back.")
  var list = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if list {
      if to != nil || at != nil || !paths.isEmpty {
        throw ValidationError("--list takes nothing but DESTINATION")
      }
    } else if to == nil {
      throw ValidationError("say with --to where it is to be made, or use --list")
    }
  }

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let destination = JournalPlace.absolute(destination.bytes)
    let reporter = ConsoleReporter(output)
    defer { reporter.finish() }
    guard let to else {
      for moment in try TreeRestore.moments(of: destination, report: reporter) { try show(moment) }
      return .done
    }
    var request = RestoreRequest(destination: destination, target: JournalPlace.absolute(to.bytes))
    request.paths = paths.map(\.bytes)
    request.at = at?.value
    return try TreeRestore(request, report: reporter).run()
  }

  private func show(_ moment: RestorableMoment) throws(TreelineError) {
    guard output.json else {
      let note = moment.unsettledCount == 0 ? "" : "\t\(moment.unsettledCount) files were being written"
      return try Output.standard.write("\(moment.sequence)\t\(moment.time.localText)\(note)\n")
    }
    var json = JSONWriter()
    json.object {
      $0.member("seq", moment.sequence)
      $0.member("time", moment.time.rfc3339)
      $0.member("unsettled", moment.unsettledCount)
    }
    json.newline()
    try Output.standard.write(json.bytes)
  }
}
