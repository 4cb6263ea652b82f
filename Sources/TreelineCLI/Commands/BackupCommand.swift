import ArgumentParser
import Treeline

struct BackupCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Keep DESTINATION equal to SOURCE, until stopped.",
    discussion: """
      Every change in SOURCE is written to a journal and then made at DESTINATION. What changed while \
      nothing ran is found at the start. SIGTERM and SIGINT stop it in order; SIGUSR1 prints the \
      status. A file that never holds still keeps its old content at DESTINATION and counts as pending.

        treeline backup ~/Documents /mnt/disk/Documents
        treeline backup --once ~/Documents /mnt/disk/Documents
        treeline backup --exclude '*.o' --exclude /build/ ~/src /mnt/disk/src
        treeline backup --adopt times ~/Documents /mnt/disk/old-copy

      What is left out is as if it were not there: it arrives at DESTINATION when it is moved to where \
      nothing leaves it out, and is deleted when it is moved the other way. The patterns are kept with \
      the journal; other patterns count from the next start, which says first what they delete, and \
      halts where --max-delete forbids it.

      It needs root. `treeline doctor SOURCE` says what works.
      """)

  @Argument(help: "The directory to be copied.")
  var source: PathArgument

  @Argument(help: "Where the copy is kept: an empty directory, or one that was used before.")
  var destination: PathArgument

  @Flag(help: "Bring DESTINATION up to date, then exit.")
  var once = false

  @OptionGroup var recording: RecordingOptions
  @OptionGroup var writing: DestinationOptions
  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    var options = try recording.options(source: source, destination: destination)
    options.once = once
    options.adopt = writing.adopt
    options.sync = writing.sync
    options.versions = writing.versions.value
    options.versionsBytes = writing.keepBytes?.value
    options.verbosity = output.verbosity
    return try runBackup(options, output)
  }
}
