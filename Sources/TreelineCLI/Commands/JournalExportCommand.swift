import ArgumentParser
import Journal
import Treeline

struct JournalExportCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write what changed for other programs to take.",
    discussion: """
      Composes what changed since a point, up to the journal's end or --until, and writes one of these:

        json       a line for each change, as `treeline journal show --json`
        paths0     each path at which something is other than before, or new
        deleted0   each path at which there is nothing any more
        renamed0   pairs of paths: the old, the new

      Paths are relative to the source's root, byte for byte, each ended by NUL. Who has a copy of the tree \
      at the first point and removes what `deleted0` lists, with all in it, and then copies what `paths0` \
      lists, directories without what is in them, has the tree at the last. What a renamed directory \
      holds is in `paths0` under its new path; `renamed0` is for those who can move it instead.

      The point is --since, or the cursor of a named consumer: what a cursor still needs stays in the \
      journal. --cursor alone moves nothing. With --advance the cursor is moved when all was written, and, \
      where it went to a file, synced; a name that is not known begins at the empty tree. To move it only \
      after the work is done, write with --until, do the work, and advance with --format none:

        n=$(treeline journal export documents --cursor rsync --format position)
        treeline journal export documents --cursor rsync --until $n --format deleted0 > gone
        treeline journal export documents --cursor rsync --until $n --format paths0 > new
        (cd /mnt/copy && xargs -0 -r rm -rf --) < gone
        rsync -a -0 --no-recursive --dirs --files-from=new ~/Documents/ /mnt/copy/ &&
          treeline journal export documents --cursor rsync --until $n --format none --advance
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case json, paths0, deleted0, renamed0, position, none
  }

  @OptionGroup var journal: JournalArgument

  @Option(
    help: ArgumentHelp(
      "json, paths0, deleted0 or renamed0; position writes the number of the last commit, none nothing.",
      valueName: "format"))
  var format: Format

  @Option(help: ArgumentHelp("Begin after this point; 0 is the empty tree.", valueName: "when"))
  var since: MomentArgument?

  @Option(help: ArgumentHelp("Begin where this consumer stands.", valueName: "name"))
  var cursor: String?

  @Option(help: ArgumentHelp("End here.", valueName: "when"))
  var until: MomentArgument?

  @Flag(help: "Move the cursor once all was written.")
  var advance = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if (since == nil) == (cursor == nil) {
      throw ValidationError("choose one of --since and --cursor")
    }
    if advance && cursor == nil { throw ValidationError("--advance moves a --cursor") }
    if let cursor, !JournalCursor.isName(cursor) {
      throw ValidationError("a cursor's name has letters, digits, '-', '_' and '.', which is not the first")
    }
  }

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try journal.directory()
    let consumer = try cursor.map { name throws(TreelineError) in
      try ExportCursor(name, journal: path)
    }
    let net = try NetChange(
      journal: path, from: consumer.map { .sequence($0.from) } ?? since!.value, to: until?.value)
    try write(net, path)
    if advance { 
      try Output.standard.close()
      try consumer?.advance(to: net.to)
    }
    if output.verbosity == .verbose { complain("up to commit \(net.to.sequence.rawValue)") }
    return .done
  }

  private func write(_ net: NetChange, _ path: [UInt8]) throws(TreelineError) {
    switch format {
    case .none: return
    case .position: try Output.standard.write("\(net.to.sequence.rawValue)\n")
    case .json:
      let printer = LinePrinter(json: true)
      try net.tell { line throws(TreelineError) in try printer.print(line) }
    case .paths0: try write(JournalExport(net, journal: path).changed)
    case .deleted0: try write(JournalExport(net, journal: path).deleted)
    case .renamed0: try write(JournalExport(net, journal: path).renamed.flatMap { [$0.from, $0.to] })
    }
  }

  private func write(_ paths: [[UInt8]]) throws(TreelineError) {
    for path in paths { try Output.standard.write(path + [0]) }
  }
}
