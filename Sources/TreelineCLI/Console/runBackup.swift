import Treeline

/// Runs a backup or a recording until it is done or told to stop.
func runBackup(_ options: BackupOptions, _ output: OutputOptions) throws(TreelineError) -> ExitCode {
  SignalThread.block()
  let reporter = ConsoleReporter(output)
  defer { reporter.finish() }
  let backup = try Backup(options, report: reporter)
  SignalThread.start(
    stop: {
      reporter.stopping()
      backup.requestStop()
    },
    status: { reporter.show(backup.status()) })
  return try backup.run()
}
