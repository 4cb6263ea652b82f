import ArgumentParser
import Exclusion
import Treeline

struct VerifyCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare two trees in every attribute.",
    discussion: """
      Names, type, mode, owner, size, modification time to the nanosecond, hard links, targets, device \
      numbers, extended attributes, ACLs, and the flags immutable, append-only and no dump where both \
      filesystems have them; with --checksum content as well, for which size and time stand otherwise. Each difference is a line. Exit code 0 means equal, 3 that they differ. A \
      source that changes meanwhile differs: flush first. What the backup leaves out of SOURCE has to be \
      missing at DESTINATION: unless it is given here, it is taken from SOURCE's journal. That also says whether what is mounted inside SOURCE \
      belongs to it; what is away is not compared.

        treeline flush && treeline verify --checksum ~/Documents /mnt/disk/Documents
      """)

  @Argument(help: "The directory that was copied.")
  var source: PathArgument

  @Argument(help: "The copy.")
  var destination: PathArgument

  @Flag(help: "Read and compare the content of files.")
  var checksum = false

  @Option(
    help: ArgumentHelp(
      "Leave out what this journal, a directory or a name, says; otherwise the one in SOURCE's usual place.",
      valueName: "journal"))
  var journal: PathArgument?

  @OptionGroup var exclusion: ExclusionOptions
  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    var count = 0
    var failure: TreelineError?
    let compared = try verifyTrees(
      source: source.bytes, destination: destination.bytes, leavingOut: try rules(),
      mounts: try mounts(), checksum: checksum,
      onAway: { place in
        guard output.verbosity >= .normal else { return }
        complain("\(printable(place)) is not compared: the filesystem that was mounted there is away")
      }
    ) { difference in
      count += 1
      guard failure == nil else { return }
      do throws(TreelineError) { try show(difference) } catch { failure = error }
    }
    if let failure { throw failure }
    if output.verbosity >= .normal {
      complain("\(compared) objects compared, \(count == 0 ? "no" : String(count)) differences")
    }
    return count == 0 ? .done : .incomplete
  }

  private func rules() throws(TreelineError) -> ExclusionRules {
    if exclusion.areGiven { return try exclusion.rules() }
    let recorded =
      if let journal {
        try recordedExcludes(journal: JournalPlace.find(journal.bytes))
      } else {
        recordedExcludes(source: source.bytes)
      }
    if let recorded, !recorded.isEmpty, output.verbosity >= .normal {
      complain("comparing without what the backup leaves out, as its journal says")
    }
    return recorded ?? ExclusionRules()
  }

  /// Where filesystems are mounted inside the source that the backup follows, as its journal says.
  private func mounts() throws(TreelineError) -> [[[UInt8]]]? {
    guard let journal else { return recordedMounts(source: source.bytes) }
    return try recordedMounts(journal: JournalPlace.find(journal.bytes))
  }

  private func show(_ difference: ListedDifference) throws(TreelineError) {
    guard output.json else {
      return try Output.standard.write("\(printable(difference.path))\t\(difference.message)\n")
    }
    var json = JSONWriter()
    json.object {
      $0.path("path", difference.path)
      $0.member("differs", difference.what)
      $0.member("message", difference.message)
    }
    json.newline()
    try Output.standard.write(json.bytes)
  }
}
