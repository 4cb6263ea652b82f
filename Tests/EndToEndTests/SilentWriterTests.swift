import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// What changes a file without an event is found nevertheless.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct SilentWriterTests {
    /// A file that is open and mapped, as a database has it.
    private final class Mapping {
      static let byteCount = 64 << 10
      private let descriptor: Int32
      private let bytes: UnsafeMutableRawPointer

      init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        let mapped = mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard descriptor >= 0, let mapped, mapped != MAP_FAILED else {
          throw TestSupportError("cannot map \(path)")
        }
        bytes = mapped
      }

      /// Writes as others do, which is announced.
      func write(_ text: String) { _ = pwrite(descriptor, text, text.utf8.count, 0) }

      /// Stores into memory, which nobody is told of.
      func store(_ text: String) {
        for (at, byte) in text.utf8.enumerated() {
          bytes.storeBytes(of: byte, toByteOffset: at, as: UInt8.self)
        }
      }

      deinit {
        munmap(bytes, Self.byteCount)
        close(descriptor)
      }
    }

    private func content(_ path: String) -> String {
      let data = FileManager.default.contents(atPath: path) ?? Data()
      return String(decoding: data.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Seconds since the last change.
    private func age(_ path: String) -> Double {
      var status = stat()
      stat(path, &status)
      return Date().timeIntervalSince1970 - Double(status.st_ctim.tv_sec) - Double(status.st_ctim.tv_nsec) / 1e9
    }

    private func hasCapability(_ path: String) throws -> Bool {
      try shell("getcap '\(path)'").standardOutput.contains("cap_net_raw")
    }

    private func scene(_ kind: Filesystem.Kind) throws -> Scene {
      let scene = try Scene(kind)
      try shell("head -c \(Mapping.byteCount) /dev/zero > '\(scene.source)/file'; mkdir '\(scene.source)/d'")
      return scene
    }

    @Test(arguments: [Filesystem.Kind.ext4, .xfs, .btrfs])
    func storesIntoAFileThatStaysOpenAreFollowed(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("mappings on \(kind)", because: reason) }
      let scene = try scene(kind)
      let backup = try scene.backup(["--sweep", "0"])
      try backup.waitUntilReady()
      let file = try Mapping("\(scene.source)/file")
      file.write("announced")
      try backup.flush()
      for text in ["first.....", "second....", "third....."] {
        file.store(text)
        let isFollowed = eventually(within: .seconds(20)) { content("\(scene.destination)/file") == text }
        #expect(isFollowed, "\(text): \(content("\(scene.destination)/file")), \(backup.errorOutput)")
      }
      file.store("at a flush")
      try backup.flush()
      #expect(content("\(scene.destination)/file") == "at a flush")
      withExtendedLifetime(file) {}
      #expect(try backup.terminate() == 0)
    }

    @Test(arguments: [Filesystem.Kind.ext4, .xfs, .btrfs])
    func aFlushWithASweepFindsWhatNothingAnnounced(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("sweeps on \(kind)", because: reason) }
      guard findTool("setcap") != nil else { return announceSkip("a sweep", because: "setcap is not installed") }
      let scene = try scene(kind)
      let path = "\(scene.source)/d/capable"
      try shell("echo c > '\(path)'")
      try shell("setcap cap_net_raw+p '\(path)'")
      let backup = try scene.backup(["--sweep", "0"])
      try backup.waitUntilReady()
      try backup.flush()
      let there = "\(scene.destination)/d/capable"
      #expect(try hasCapability(there))
      let file = try Mapping("\(scene.source)/file")
      file.store("silent")
      // Changes no owner, and takes the capability away.
      #expect(chown(path, uid_t.max, gid_t.max) == 0)
      #expect(try !hasCapability(path))
      try backup.flush()
      #expect(content("\(scene.destination)/file") == "", "something announced a store")
      #expect(try hasCapability(there), "something announced a chown")
      let swept = try treeline(["flush", "--sweep", scene.journal])
      #expect(swept.exitCode == 0, "\(swept)")
      #expect(content("\(scene.destination)/file") == "silent")
      #expect(try !hasCapability(there))
      withExtendedLifetime(file) {}
      try scene.expectExact(backup, "after a sweep on \(kind)")
    }

    /// Nobody is told of chattr(1): a sweep finds what it did by the ctime.
    @Test(arguments: Filesystem.Kind.allCases)
    func flagsAreFoundByASweep(kind: Filesystem.Kind) throws {
      if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("flags on \(kind)", because: reason) }
      let scene = try Scene(kind)
      try shell("cd '\(scene.source)'; mkdir d; echo f > d/f; echo g > g; echo h > h; chattr +i h")
      let backup = try scene.backup(["--sweep", "0"])
      try backup.waitUntilReady()
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) == nil)
      try shell("cd '\(scene.source)'; chattr +i d/f d; chattr +a g; chattr -i h; chattr +d h")
      try backup.flush()
      #expect(try difference(between: scene.source, and: scene.destination) != nil, "something announced a flag")
      let swept = try treeline(["flush", "--sweep", scene.journal])
      #expect(swept.exitCode == 0, "\(swept)")
      try scene.expectExact(backup, "after a sweep on \(kind)")
    }

    /// The second store meets a page that is still to be written, so that its ctime would not move.
    @Test func aStoreAfterTheScanShowsThoughItIsUnmappedWhileNothingRuns() throws {
      let scene = try scene(.ext4)
      // Elsewhere, or the sync of the destination writes the source's page as well.
      let elsewhere = try TemporaryDirectory()
      let destination = elsewhere["copy"]
      try shell("mkdir '\(destination)'")
      let once = ["backup", "--once", scene.source, destination, "--journal", scene.journal]
      var file: Mapping? = try Mapping("\(scene.source)/file")
      file?.store("first.")
      // A scan compares what was changed within its last seconds; this file is older.
      #expect(eventually(within: .seconds(10)) { age("\(scene.source)/file") > 3.5 })
      let first = try treeline(once)
      #expect(first.exitCode == 0 && content("\(destination)/file") == "first.", "\(first)")
      file?.store("second")
      file = nil
      let second = try treeline(once)
      #expect(second.exitCode == 0, "\(second)")
      #expect(content("\(destination)/file") == "second")
    }

    @Test func theSweepGoesOnByItself() throws {
      let scene = try scene(.ext4)
      try shell("cd '\(scene.source)'; for i in $(seq 200); do mkdir $i; echo $i > $i/f; done")
      let backup = try scene.backup(["--sweep", "20"])
      try backup.waitUntilReady()
      try backup.flush()
      let file = try Mapping("\(scene.source)/file")
      file.store("silent")
      let isFound = eventually(within: .seconds(30)) { content("\(scene.destination)/file") == "silent" }
      #expect(isFound, "\(backup.errorOutput)")
      let sweep = try backup.status()["sweep"] as? [String: Any]
      #expect(sweep?["percent"] as? Double == 20)
      #expect(sweep?["ended"] is String, "\(String(describing: sweep))")
      // From here on its writer is known.
      file.store("again.")
      #expect(eventually(within: .seconds(10)) { content("\(scene.destination)/file") == "again." })
      withExtendedLifetime(file) {}
      #expect(try backup.terminate() == 0)
    }

    @Test func whatALoopDeviceWritesIsFoundByTheSweep() throws {
      let scene = try scene(.ext4)
      let image = "\(scene.source)/d/image"
      try shell("truncate -s 4M '\(image)'")
      let backup = try scene.backup(["--sweep", "0"])
      try backup.waitUntilReady()
      let device = try shell("losetup -f --show '\(image)'").standardOutput.dropLast()
      defer { _ = try? shell("losetup -d \(device)") }
      try backup.flush()
      try shell("echo written | dd of=\(device) conv=fsync,notrunc status=none")
      let swept = try treeline(["flush", "--sweep", scene.journal])
      #expect(swept.exitCode == 0, "\(swept)")
      try shell("cmp '\(image)' '\(scene.destination)/d/image'; grep -q written '\(scene.destination)/d/image'")
      #expect(try backup.terminate() == 0)
    }
  }
}
