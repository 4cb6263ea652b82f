import ArgumentParser
import Treeline

/// What `backup` and `record` have in common.
struct RecordingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep the journal in this directory, which is made where it is missing.", valueName: "dir"))
  var journal: PathArgument?

  @Option(
    help: ArgumentHelp(
      "Call the journal this in the usual place: $STATE_DIRECTORY under systemd, /var/lib/treeline, or ~/.local/state/treeline for users other than root. Otherwise its name is made from the source's path.",
      valueName: "name"))
  var name: PathArgument?

  @Option(
    help: ArgumentHelp(
      "How long a file is quiet before its content is taken; 0 takes it at once.",
      valueName: "duration"))
  var settle = DurationArgument(.milliseconds(200))

  @Option(
    help: ArgumentHelp("The longest that an unquiet file waits.", valueName: "duration"))
  var maxDelay = DurationArgument(.seconds(5))

  @Option(
    help: ArgumentHelp(
      "Halt rather than remove more of the tree than this within an hour; 100 never halts.",
      valueName: "percent"))
  var maxDelete = 50

  @Option(
    help: ArgumentHelp(
      "How much of the time, in percent, goes into looking through the whole source for changes that nothing announced; 0 looks for none.",
      valueName: "percent"))
  var sweep = 0.5

  @Option(
    help: ArgumentHelp(
      "How the source is marked: as a whole filesystem, or by its mount and each of its directories, or by the directories alone, which needs no privilege. auto is filesystem, and inode where that cannot be. `status` and `doctor` say what a mark is not told of.",
      valueName: "mark"))
  var mark = MarkChoice.auto

  @Flag(
    help:
      "Follow what is mounted inside SOURCE, each filesystem with a mark of its own; otherwise mount points are copied as the directories beneath. One that is unmounted is kept as it was until it is back. Left out are filesystems that are on no disk and not in memory (proc, NFS), FUSE, and the one that DESTINATION is on."
  )
  var crossFilesystems = false

  @Flag(
    help:
      "Record the process behind each change: program, user, login user, systemd unit, command line. `journal show` and `blame` tell it."
  )
  var who = false

  @Option(
    help: ArgumentHelp(
      "Drop history that is older than this from the journal, unless a cursor still needs it.",
      valueName: "duration"))
  var retain = DurationArgument(.seconds(30 * 86_400))

  @Option(
    help: ArgumentHelp(
      "Drop the oldest history when the journal takes more than this: 512M, 10G, or 5% of its disk. What a cursor needs stays until it takes twice as much.",
      valueName: "size"))
  var retainBytes = SizeArgument(.percentOfDisk(5))

  @OptionGroup var exclusion: ExclusionOptions

  func validate() throws {
    if journal != nil, name != nil { throw ValidationError("choose one of --journal and --name") }
    if let name, name.bytes.contains(0x2f) || name.bytes.first == 0x2e {
      throw ValidationError("a name holds no / and does not begin with a dot")
    }
    guard (0...100).contains(maxDelete) else {
      throw ValidationError("--max-delete takes a number from 0 to 100")
    }
    if crossFilesystems, mark == .mount || mark == .inode {
      throw ValidationError("--cross-filesystems needs --mark filesystem")
    }
    guard (0...100).contains(sweep) else {
      throw ValidationError("--sweep takes a number from 0 to 100")
    }
  }

  /// The options of a recording of `source`.
  func options(source: PathArgument, destination: PathArgument?) throws(TreelineError)
    -> BackupOptions
  {
    let path = JournalPlace.absolute(source.bytes)
    let place =
      journal.map { JournalPlace.absolute($0.bytes) }
      ?? JournalPlace.directory + [0x2f] + (name?.bytes ?? JournalPlace.name(source: path))
    var options = BackupOptions(
      source: path, destination: destination.map { JournalPlace.absolute($0.bytes) }, journal: place)
    options.settle = settle.value
    options.maxDelay = maxDelay.value
    options.maxDelete = maxDelete
    options.sweepPercent = sweep
    options.mark = mark
    options.retain = retain.value
    options.retainBytes = retainBytes.value
    options.who = who
    options.crossesFilesystems = crossFilesystems
    options.rules = try exclusion.rules()
    return options
  }
}

extension MarkChoice: ExpressibleByArgument {}
