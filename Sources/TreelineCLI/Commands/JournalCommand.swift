import ArgumentParser

/// The commands that read a journal.
struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Read what a journal tells, check it, and keep it small.",
    discussion: """
      A journal is a directory. It may be read while it is written; then its reader sees whole \
      commits only.
      """,
    subcommands: [
      JournalShowCommand.self, JournalFollowCommand.self, JournalStatCommand.self,
      JournalDiffCommand.self, JournalExportCommand.self, JournalVerifyCommand.self,
      JournalRepairCommand.self, JournalCompactCommand.self, JournalListCommand.self,
      JournalCursorsCommand.self, JournalDropCursorCommand.self,
    ])
}
