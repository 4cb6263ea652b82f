import ArgumentParser
import Treeline

struct ReleaseCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Let go of a disk: no journal holds anything for DESTINATION any more.",
    discussion: """
      A journal keeps the commits that a destination has not got yet, also while its disk is away. This has \
      every journal that knows DESTINATION forget it, whether it is there or not. The copy itself stays as it \
      is, with all that was kept in it, and `treeline restore` reads it as before.

        systemctl stop treeline@documents && treeline release /mnt/disk/Documents

      A later `treeline backup` to it goes on where it stands as long as the journal still has the commits after \
      that; when it has not, --adopt times compares the copy as a whole. Exit code 7 says that a backup or a \
      replay keeps it: stop that first. 1 says that no journal knows it.
      """)

  @Argument(help: "The destination, or where it was.")
  var destination: PathArgument

  @Option(
    help: ArgumentHelp(
      "Only this journal forgets it: its directory, or its name as `treeline journal list` shows it.",
      valueName: "journal"))
  var journal: PathArgument?

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let place: [UInt8]? = if let journal { try JournalPlace.find(journal.bytes) } else { nil }
    for released in try releaseDestination(destination.bytes, journal: place) { try show(released) }
    return .done
  }

  private func show(_ released: ReleasedDestination) throws(TreelineError) {
    guard output.json else {
      guard output.verbosity >= .normal else { return }
      return complain(
        "the journal \(printable(released.journal)) holds nothing for \(printable(released.destination)) any more")
    }
    var json = JSONWriter()
    json.object {
      $0.path("destination", released.destination)
      $0.path("journal", released.journal)
      $0.array("cursors") { json in for name in released.cursors { json.element(name) } }
    }
    json.newline()
    try Output.standard.write(json.bytes)
  }
}
