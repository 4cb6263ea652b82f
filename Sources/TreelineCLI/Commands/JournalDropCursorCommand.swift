import ArgumentParser
import Journal
import Treeline

struct JournalDropCursorCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "drop-cursor",
    abstract: "Forget a consumer of a journal: nothing is held for it any more.",
    discussion: """
      A destination that comes back without its cursor goes on where it stands as long as the commits \
      after that are there, and is compared as a whole when they are not.

        treeline journal drop-cursor documents mnt-disk-Documents
      """)

  @Argument(help: "The journal's directory, or its name as `treeline journal list` shows it.")
  var journal: PathArgument

  @Argument(help: "The cursor, as `treeline journal cursors` shows it.")
  var name: String

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let path = try JournalPlace.find(journal.bytes)
    let wasThere: Bool
    do throws(JournalError) {
      wasThere = try JournalCursors(at: path).drop(name)
    } catch {
      throw TreelineError(error, journal: path)
    }
    guard wasThere else {
      throw TreelineError(
        "drop the cursor \(printable(Array(name.utf8))) of", path: path,
        why: "the journal has none of that name",
        advice: "`treeline journal cursors` lists those that it has")
    }
    return .done
  }
}
