import ArgumentParser
import Glibc
import Treeline

struct ScrubCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "scrub",
    abstract: "Reread DESTINATION, and repair from the source what is not as it must be.",
    discussion: """
      Bits rot on disks, and people edit copies. This reads every file at DESTINATION, not what is in memory but \
      what is on the disk, and keeps its checksum there. A content that is not what it was, though nobody touched \
      the file, has rotted. One that was never read before is compared with the source, where that is there and \
      has not changed since. Attributes, names and links are compared with the journal. What was kept of replaced and \
      removed files is read as well.

      What is wrong is copied anew from the source, or made as the journal says: by the backup that is running, \
      or at once where none is. What somebody added is moved to .treeline/foreign, and so is what somebody wrote \
      into a file. Each is a line on standard output. Exit code 0 means that all is as it must be now, 3 that \
      something is not: the lines say why.

        treeline scrub /mnt/disk/Documents
        treeline scrub --rate 20M --json /mnt/disk/Documents

      One that is stopped goes on from there the next time, within two weeks. It yields to other programs; \
      --rate leaves them the disk as well. A timer of systemd that starts it once a month beside the backup is all \
      that it takes to have it done regularly. Without the journal, on another machine say, contents are compared \
      with what they were, and nothing is repaired.
      """)

  @Argument(help: "The directory that `treeline backup` writes to.")
  var destination: PathArgument

  @Option(
    help: ArgumentHelp(
      "The journal that DESTINATION follows: its directory, or its name as `treeline journal list` shows it; otherwise it is looked for among those known here.",
      valueName: "journal"))
  var journal: PathArgument?

  @Option(help: ArgumentHelp("Where the source is now.", valueName: "dir"))
  var source: PathArgument?

  @Option(
    help: ArgumentHelp(
      "Read at most this much in a second, such as 20M; as fast as the disk can otherwise.", valueName: "size"))
  var rate: SizeArgument?

  @Flag(help: "Tell what is wrong, and leave it.")
  var noRepair = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let rate {
      guard case .bytes(1...) = rate.value else { throw ValidationError("--rate takes a size such as 20M") }
    }
  }

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    var request = ScrubRequest(destination: JournalPlace.absolute(destination.bytes))
    if let journal { request.journal = try JournalPlace.find(journal.bytes) }
    request.source = source.map { JournalPlace.absolute($0.bytes) }
    if case .bytes(let bytes) = rate?.value { request.bytesPerSecond = bytes }
    request.repairs = !noRepair
    SignalThread.block()
    _ = setpriority(Int32(bitPattern: PRIO_PROCESS.rawValue), 0, 19)
    let reporter = ConsoleReporter(output)
    defer { reporter.finish() }
    let printer = ScrubPrinter(output)
    let scrub = DestinationScrubbing(request, report: reporter) { printer.print($0) }
    SignalThread.start(
      stop: {
        reporter.stopping()
        scrub.requestStop()
      }, status: {})
    let code = try scrub.run()
    try printer.check()
    return code
  }
}
