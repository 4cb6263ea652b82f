import TestSupport
import Testing

/// The program as a shell meets it.
@Suite(.enabled(if: Products.treelineWorks, "the program is not built"))
struct CommandLineTests {
  /// Runs a shell command in which `$T` is the program, and gives what it printed and its exit code.
  private func shell(_ command: String) throws -> CommandOutput {
    try run(["sh", "-c", command], environment: ["T": Products.treeline, "LC_ALL": "C"])
  }

  @Test(arguments: [
    "$T nonsense", "$T backup", "$T backup a", "$T flush --timeout soon", "$T journal show --op x .",
    "$T backup a b --journal c --name d", "$T backup a b --name x/y", "$T journal show --tail 0 .",
    "$T status --quiet --verbose", "$T backup a b --max-delete 101", "$T backup a b --settle -1s",
    "$T blame", "$T history", "$T history --tail 0 x", "$T journal diff x", "$T journal export x",
    "$T journal export --format paths0 x", "$T journal export --format paths0 --since 1 --advance x",
    "$T journal export --format none --cursor .x x", "$T journal stat --json --html f x", "$T blame --tail 0 x",
  ])
  func wrongUsageIs64(command: String) throws {
    let output = try shell(command)
    #expect(output.exitCode == 64, "\(output)")
    #expect(output.standardOutput.isEmpty)
    #expect(!output.standardError.isEmpty)
  }

  @Test(arguments: [
    "backup", "record", "replay", "journal show", "journal verify", "flush", "resume", "verify", "blame",
    "history", "journal diff", "journal export", "journal stat", "journal follow",
    "journal cursors", "journal drop-cursor", "journal compact", "journal repair",
  ])
  func helpTeachesOnStandardOutput(command: String) throws {
    let output = try shell("$T \(command) --help")
    #expect(output.exitCode == 0)
    #expect(output.standardOutput.contains("treeline \(command)"))
    #expect(output.standardError.isEmpty)
  }

  @Test(arguments: [
    "$T --help > /dev/full", "$T doctor > /dev/full", "$T doctor >&-  </dev/null 1</dev/null",
    "{ $T doctor --json; echo $? >&2; } | true; exit 1",
  ])
  func outputThatFailsIsAnErrorAndNoDeath(command: String) throws {
    let output = try shell(command)
    #expect(output.exitCode == 1, "\(output)")
  }

  @Test func closedDescriptorsAreNoneOfTheFilesThatAreOpened() throws {
    let output = try shell("exec 2>&1; $T doctor / 0<&- 1>&-; echo $?")
    #expect(output.standardOutput.hasSuffix("0\n"), "\(output)")
  }

  @Test func anArgumentThatIsNoTextIsNamedByteForByte() throws {
    let output = try shell(#"$T journal show "$(printf '\377\033[31mx')""#)
    #expect(output.exitCode == 1)
    #expect(output.standardError.contains(#"\xff\x1b[31mx"#), "\(output)")
  }

  @Test func aSourceThatIsNotThereIsSaidByOnce() throws {
    let directory = try TemporaryDirectory()
    let output = try shell(
      "cd '\(directory.path)' && $T backup --once --journal j -- -missing d")
    #expect(output.exitCode == 4, "\(output)")
    #expect(output.standardError.contains("-missing"))
  }

  @Test func nobodyToAskIsUnavailable() throws {
    let directory = try TemporaryDirectory()
    #expect(try shell("$T status '\(directory.path)'").exitCode == 4)
    #expect(try shell("$T flush '\(directory.path)'").exitCode == 4)
    #expect(try shell("$T resume '\(directory.path)'").exitCode == 4)
  }
}
