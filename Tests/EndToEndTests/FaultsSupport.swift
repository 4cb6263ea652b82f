import Foundation
import TestSupport
import Testing

/// Whether tests of faults can run: they mount, stop and kill as root.
let canInjectFaults = geteuid() == 0 && Products.treelineWorks && Filesystem.reasonToSkip(.ext4) == nil

/// The filesystems on which each fault of a source is tried.
let sourceKinds: [Filesystem.Kind] = [.ext4, .xfs, .btrfs]

extension Scene {
  /// A scene on a filesystem that may not be there; nil, and said, where it cannot be had.
  static func ifPossible(_ kind: Filesystem.Kind) throws -> Scene? {
    guard let reason = Filesystem.reasonToSkip(kind) else { return try Scene(kind) }
    announceSkip("a source on \(kind)", because: reason)
    return nil
  }

  /// Records what a script does in the source.
  func record(_ script: String) throws {
    let recording = try TreelineProcess(["record", source], journal: journal)
    try recording.waitUntilReady()
    try shell("cd '\(source)'; \(script)")
    try recording.flush()
    #expect(try recording.terminate() == 0)
  }
}

/// Runs a script, which must end with 0; a failing command ends it.
@discardableResult
func shell(_ script: String, timeout: Duration = .seconds(120)) throws -> CommandOutput {
  try succeed(["bash", "-euc", script], timeout: timeout)
}

/// Runs treeline to its end.
func treeline(_ arguments: [String], timeout: Duration = .seconds(120)) throws -> CommandOutput {
  try run([Products.treeline] + arguments, timeout: timeout)
}

/// Asks again and again, a tenth of a second apart, until it is so.
func eventually(within timeout: Duration, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + timeout
  while ContinuousClock.now < deadline {
    if try condition() { return true }
    usleep(100_000)
  }
  return try condition()
}

extension TreelineProcess {
  /// What `status --json` says.
  func status() throws -> [String: Any] {
    let output = try succeed([Products.treeline, "status", "--json", journal])
    let object = try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8))
    guard let status = object as? [String: Any] else { throw TestSupportError(output.description) }
    return status
  }

  var state: String { ((try? status())?["state"] as? String) ?? "silent" }
}

/// How many entries there are beneath a directory, those of treeline itself left out.
func entryCount(_ directory: String) throws -> Int {
  let output = try succeed(["find", directory, "-mindepth", "1", "-name", ".treeline", "-prune", "-o", "-mindepth", "1", "-print"])
  return output.standardOutput.split(separator: "\n").count
}

extension TreelineProcess {
  /// Processor time used so far, in hundredths of a second. See proc_pid_stat(5).
  func processorTicks() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
      .split(separator: ")").last!.split(separator: " ")
    return Int(fields[11])! + Int(fields[12])!
  }

  /// Memory that is resident, in KiB.
  func residentKiB() throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return Int(line?.split(whereSeparator: { $0 == " " || $0 == "\t" })[1] ?? "") ?? 0
  }

  /// How many descriptors it has open.
  func descriptorCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count
  }
}
