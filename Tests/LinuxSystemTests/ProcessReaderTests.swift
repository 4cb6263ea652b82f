import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite
struct ProcessReaderTests {
  private func read(_ pid: Int32, _ descriptor: Int32? = nil) -> ProcessRecord? {
    ProcessReader().read(pid, descriptor: descriptor)
  }

  @Test func thisProcessIsReadAsItIs() throws {
    let record = try #require(read(getpid()))
    #expect(record.standing == .alive)
    #expect(record.uid == geteuid())
    #expect(record.parent == getppid())
    #expect(record.startTicks > 0)
    #expect(!record.executable.isEmpty && !record.arguments.isEmpty && !record.commandName.isEmpty)
    #expect(record.controlGroup.first == UInt8(ascii: "/"))
  }

  @Test func aNumberThatNobodyHasGivesNothing() {
    #expect(read(Int32.max) == nil)
  }

  @Test func aProcessThatWasWaitedForIsNotTakenForAnother() throws {
    let child = try Child(["sleep", "60"])
    let descriptor = try Descriptor.open(process: child.processID)
    let before = try #require(read(child.processID, descriptor.raw))
    #expect(before.commandName == Array("sleep".utf8))
    child.signal(SIGKILL)
    _ = child.wait(timeout: .seconds(10))
    #expect(read(getpid(), descriptor.raw) == nil)
  }

  @Test func aNameWithBracketsAndSpacesIsOneName() throws {
    let fields = (3...52).map { $0 == 3 ? "S" : String($0) }.joined(separator: " ")
    let stat = try #require(ProcessReader.parseStat(Array("7 (a) (b) \(fields)".utf8)[...]))
    #expect(stat.commandName == Array("a) (b".utf8))
    #expect(stat.parent == 4)
    #expect(stat.startTicks == 22)
    #expect(!stat.hasEnded)
    #expect(ProcessReader.parseStat(Array("7 (a) S 4".utf8)[...]) == nil)
  }

  @Test(arguments: [
    ("0::/system.slice/cron.service\n", "/system.slice/cron.service"),
    ("3:cpu:/a\n1:name=systemd:/user.slice/x.scope\n0::/\n", "/user.slice/x.scope"),
    ("1:name=systemd:/old\n0::/new:er\n", "/new:er"), ("3:cpu:/a\n", ""), ("", ""),
  ])
  func theControlGroupIsSystemds(text: String, path: String) {
    #expect(ProcessReader.parseControlGroup(Array(text.utf8)[...]) == Array(path.utf8))
  }

  @Test(arguments: [
    ("/system.slice/cron.service", "cron.service"),
    ("/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope/x", "run-1.scope"),
    ("/", ""), ("/.service", ""),
  ])
  func theUnitIsTheInnermost(group: String, unit: String) {
    var record = ProcessRecord(pid: 1, standing: .alive)
    record.controlGroup = Array(group.utf8)
    #expect(Array(record.unit) == Array(unit.utf8))
  }

  @Test func anOwnerIsTheOneForFileAccess() {
    #expect(ProcessReader.parseOwner(Array("Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t5\t5\t5\n".utf8)[...]) == 4)
    #expect(ProcessReader.parseNumber(Array("4294967295".utf8)[...]) == nil)
    #expect(ProcessReader.parseNumber(Array("1000\n".utf8)[...]) == 1000)
  }
}
