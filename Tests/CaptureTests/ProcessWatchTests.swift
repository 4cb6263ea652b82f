import Capture
import Glibc
import LinuxSystem
import TestSupport
import Testing
import Tree

/// What the watch says of processes, with and without reports of those that begin.
@Suite(.serialized, .enabled(if: Filesystem.reasonToSkip(.ext4) == nil, "needs root and ext4"))
struct ProcessWatchTests {
  /// Runs a shell command in a fresh filesystem, and gives what was reported of it.
  private func deeds(
    _ command: String, wantsBeginnings: Bool
  ) throws -> [(process: ProcessRecord, deeds: Deeds)] {
    let filesystem = try Filesystem(.ext4, bytes: 64 << 20)
    let root = try Descriptor.open(path: filesystem.root, O_RDONLY)
    let watch = try ProcessWatch(anchor: root.raw, wantsBeginnings: wantsBeginnings)
    let thread = Thread("test-who") { watch.run() }
    try succeed(["sh", "-c", "cd '\(filesystem.root)'; \(command)"])
    let taken = watch.take()
    watch.stop()
    thread.join()
    #expect(!taken.isIncomplete)
    var found: [(ProcessRecord, Deeds)] = []
    taken.forEach { _, place, deeds in found.append((taken.processes[place], deeds)) }
    return found
  }

  @Test(arguments: [false, true])
  func whoLivesIsKnownInFull(wantsBeginnings: Bool) throws {
    let found = try deeds("echo x > a; sleep 0.2", wantsBeginnings: wantsBeginnings)
    let writes = found.filter { $0.deeds.contains(.write) }
    #expect(writes.count == 1)
    let process = try #require(writes.first?.process)
    #expect(process.executable.suffix(4).elementsEqual("dash".utf8) || !process.executable.isEmpty)
    #expect(process.uid == geteuid())
    #expect(process.parent == getpid())
    #expect(process.startTicks > 0)
    // What was read at two times stands in two records.
    let all = found.filter { $0.process.pid == process.pid }.reduce(into: Deeds()) { $0.formUnion($1.deeds) }
    #expect(all.isSuperset(of: [.create, .write, .close]))
  }

  @Test(arguments: [false, true])
  func nobodyIsCalledWhatTheyAreNot(wantsBeginnings: Bool) throws {
    let found = try deeds(
      "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do touch t$i; mkdir m$i; (echo x > w$i); done",
      wantsBeginnings: wantsBeginnings)
    #expect(found.count >= 60)
    for (process, deeds) in found where !process.executable.isEmpty {
      let name = String(decoding: process.executable.split(separator: 0x2f).last!, as: UTF8.self)
      if deeds.contains(.write) { #expect(name != "touch" && name != "mkdir") }
      if process.arguments.starts(with: Array("mkdir".utf8)) { #expect(name != "touch") }
    }
    if !wantsBeginnings {
      #expect(found.allSatisfy { $0.process.origin == .report })
    }
  }

  @Test func aStormFromOneProcessIsOneProcess() throws {
    let found = try deeds(
      "i=0; while [ $i -lt 2000 ]; do : > f$i; i=$((i+1)); done", wantsBeginnings: true)
    let numbers = Set(found.filter { $0.deeds.contains(.create) }.map(\.process.pid))
    #expect(numbers.count == 1)
    #expect(found.count { $0.deeds.contains(.create) } == 2_000)
  }

  @Test func anExecutableThatIsRunInPlaceOfAnotherIsTheOneThatIsNamed() throws {
    let found = try deeds("exec truncate -s 5 a", wantsBeginnings: true)
    let program = found.first { $0.deeds.contains(.create) }?.process.executable ?? []
    #expect(program.suffix(8).elementsEqual("truncate".utf8), "\(found)")
  }
}
