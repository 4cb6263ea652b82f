import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Little memory, little of a processor, none of the kernel's groups left, someone who denies.
  @Suite(.enabled(if: canInjectFaults, "needs root and loop devices"))
  struct FaultsLimitsTests {
    /// A control group of its own; nil, and said, where there is none to be had.
    private final class Bounds {
      let path: String
      private let isUnified: Bool

      init?(_ controller: String, _ settings: [(legacy: String, unified: String, value: String, unifiedValue: String)]) {
        let legacy = "/sys/fs/cgroup/\(controller)"
        isUnified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
        path = (isUnified ? "/sys/fs/cgroup" : legacy) + "/treeline-test-\(getpid())-\(controller)"
        if isUnified {
          try? "+\(controller)".write(toFile: "/sys/fs/cgroup/cgroup.subtree_control", atomically: false, encoding: .utf8)
        }
        guard mkdir(path, 0o755) == 0 else { return nil }
        for setting in settings {
          let name = isUnified ? setting.unified : setting.legacy
          let value = isUnified ? setting.unifiedValue : setting.value
          guard (try? value.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)) != nil else {
            rmdir(path)
            return nil
          }
        }
      }

      func hold(_ process: Int32) throws {
        try "\(process)".write(toFile: "\(path)/cgroup.procs", atomically: false, encoding: .utf8)
      }

      deinit {
        // A process that has ended leaves its group a moment later.
        _ = eventually(within: .seconds(5)) { rmdir(path) == 0 }
      }
    }

    private func exactUnder(_ bounds: Bounds, on kind: Filesystem.Kind, _ context: String) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let seed = Thoroughness.seed()
      print("TREELINE_SEED=\(seed)")
      let backup = try scene.backup()
      try bounds.hold(backup.processID)
      try backup.waitUntilReady()
      try shell("cd '\(scene.source)'; head -c 200M /dev/zero > large; mkdir many; cd many; seq 5000 | xargs touch")
      let load = try WorkloadProcess([
        "run", "--root", "\(scene.source)/load", "--outside", scene.outside, "--seed", "\(seed)", "--operations", "1500",
      ])
      try load.finish()
      try scene.expectExact(backup, "\(context) on \(kind), TREELINE_SEED=\(seed)")
    }

    @Test(arguments: Thoroughness.filesystems)
    func littleMemoryIsEnoughForASmallTree(kind: Filesystem.Kind) throws {
      let bytes = "\(64 << 20)"
      guard let bounds = Bounds("memory", [("memory.limit_in_bytes", "memory.max", bytes, bytes)]) else {
        return announceSkip("a memory limit", because: "no control group can be made here")
      }
      try exactUnder(bounds, on: kind, "with 64 MiB of memory")
    }

    @Test(arguments: Thoroughness.filesystems)
    func littleOfAProcessorIsEnough(kind: Filesystem.Kind) throws {
      guard
        let bounds = Bounds("cpu", [
          ("cpu.cfs_period_us", "cpu.max", "100000", "10000 100000"), ("cpu.cfs_quota_us", "cpu.max", "10000", "10000 100000"),
        ])
      else { return announceSkip("a processor limit", because: "no control group can be made here") }
      try exactUnder(bounds, on: kind, "with a tenth of a processor")
    }

    /// All groups that one user may have are taken: for another user than root, whose limit is
    /// everybody's.
    @Test(arguments: Thoroughness.filesystems)
    func noGroupLeftIsToldWithWhatWouldHelp(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      try shell("chown -R 65533 '\(scene.source)' '\(scene.destination)'")
      let elsewhere = try TemporaryDirectory()
      try shell("chmod 755 '\(elsewhere.path)'; install -m 755 '\(Products.treeline)' '\(Products.tool("storm"))' '\(elsewhere.path)/'")
      try shell("mkdir '\(elsewhere["own"])'; chown 65533 '\(elsewhere["own"])'; chmod 755 \"$(dirname '\(scene.filesystem.root)')\"")
      let capabilities = "+sys_admin,+dac_read_search,+dac_override,+chown,+fowner,+mknod,+fsetid,+setfcap"
      let asUser = [
        "setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups", "--inh-caps", capabilities,
        "--ambient-caps", capabilities,
      ]
      let holder = try Child(asUser + [elsewhere["storm"], "hold", "10000"], conversing: true)
      let held = holder.readLine() ?? "nothing"
      #expect(held.hasSuffix("held"), "\(held)")
      let command = asUser + [
        elsewhere["treeline"], "backup", "--once", scene.source, scene.destination, "--journal", elsewhere["own"] + "/journal",
      ]
      let refused = try run(command)
      #expect(refused.exitCode == 1 && refused.standardError.contains("max_user_groups"), "\(refused)")
      holder.signal(SIGKILL)
      _ = holder.wait(timeout: .seconds(10))
      let done = try run(command)
      #expect(done.exitCode == 0 || done.exitCode == 3, "\(done)")
    }

    /// Another listener denies each open, as a virus scanner may: what cannot be read is told, and is
    /// there as soon as it can be.
    @Test(arguments: Thoroughness.filesystems)
    func whoDeniesAnOpenIsToldOf(kind: Filesystem.Kind) throws {
      guard let scene = try Scene.ifPossible(kind) else { return }
      let backup = try scene.backup(["--settle", "0"])
      try backup.waitUntilReady()
      try shell("cd '\(scene.source)'; echo a > a; mkdir d; echo b > d/b")
      try backup.flush()
      let denying = try Child([Products.tool("storm"), "deny", "\(scene.source)/a", "\(backup.processID)"], conversing: true)
      #expect(denying.readLine() == "denying")
      try shell("cd '\(scene.source)'; echo changed > a; echo more > d/b; chmod 640 a")
      let denied = try treeline(["flush", "--timeout", "20s", scene.journal])
      #expect(denied.exitCode == 3 && denied.standardError.contains("a: "), "\(denied)")
      #expect(try shell("cat '\(scene.destination)/d/b'").standardOutput == "more\n")
      #expect(try shell("cat '\(scene.destination)/a'").standardOutput == "a\n", "the old content stays")
      denying.signal(SIGKILL)
      _ = denying.wait(timeout: .seconds(10))
      let healed = try eventually(within: .seconds(20)) { try treeline(["flush", scene.journal]).exitCode == 0 }
      #expect(healed, "\(backup.errorOutput.suffix(2000))")
      try scene.expectExact(backup, "after opens were denied on \(kind)")
    }
  }
}
