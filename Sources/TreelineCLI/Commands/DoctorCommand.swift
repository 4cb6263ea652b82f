import ArgumentParser
import Treeline

struct DoctorCommand: Performing {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what works here, what does not, and what to do about it.",
    discussion: """
      Nothing is changed. Exit code 1 means that a backup of PATH would not work.

        sudo treeline doctor /home
      """)

  @Argument(help: "The directory that is to be backed up.")
  var path: PathArgument?

  @OptionGroup var output: OutputOptions

  func perform() throws(TreelineError) -> Treeline.ExitCode {
    let findings = Doctor.examine(path?.bytes ?? [0x2e])
    for finding in findings where output.verbosity >= .normal || finding.verdict == .fails {
      try show(finding)
    }
    return findings.contains { $0.verdict == .fails } ? .failed : .done
  }

  private func show(_ finding: DoctorFinding) throws(TreelineError) {
    if output.json {
      var json = JSONWriter()
      json.object {
        $0.member("check", finding.check)
        $0.member("verdict", finding.verdict.rawValue)
        $0.member("found", finding.found)
        if let advice = finding.advice { $0.member("advice", advice) }
      }
      json.newline()
      try Output.standard.write(json.bytes)
      return
    }
    let mark =
      switch finding.verdict {
      case .works: "ok   "
      case .limited: "note "
      case .fails: "FAIL "
      }
    try Output.standard.write("\(mark) \(finding.check): \(finding.found)\n")
    if let advice = finding.advice { try Output.standard.write("        \(advice)\n") }
  }
}
