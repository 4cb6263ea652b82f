import ArgumentParser

/// What `treeline` is, as its help says it.
struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "treeline",
    abstract: "Keep a live, exact copy of a directory tree, and the history of how it came about.",
    discussion: """
      The kernel reports every change in the source; treeline observes what changed, writes the net \
      change to a journal, and replays the journal onto the destination.

        treeline backup ~/Documents /mnt/disk/Documents   keep a copy, until stopped
        treeline flush                                    return when it has caught up
        treeline status --watch                           see it work
        treeline journal show                             read what happened
        treeline restore /mnt/disk/Documents --at '2h ago' --to /tmp/back

      Exit codes: 0 done; 1 failed; 3 done, but some items failed or differ; 4 source or destination \
      not available; 5 journal damaged; 6 halted, a person must decide; 7 locked by another process; \
      64 wrong usage.
      """,
    version: "0.1.0",
    subcommands: commands)

  private static let commands: [any ParsableCommand.Type] = [
    BackupCommand.self, RecordCommand.self, ReplayCommand.self, JournalCommand.self,
    FlushCommand.self, StatusCommand.self, ResumeCommand.self, RestoreCommand.self, HistoryCommand.self,
    BlameCommand.self, VerifyCommand.self, ScrubCommand.self, ReleaseCommand.self, DoctorCommand.self,
  ]
}
