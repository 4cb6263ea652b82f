import Foundation

/// What the build made, beside the test bundle.
package enum Products {
  private static var directory: String {
    let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: executable ?? CommandLine.arguments[0]).deletingLastPathComponent().path
  }

  /// The program under test; `TREELINE_BINARY` names another one.
  package static var treeline: String {
    ProcessInfo.processInfo.environment["TREELINE_BINARY"] ?? tool("treeline")
  }
  package static var workload: String { tool("workload") }
  package static var exits: String { tool("exits") }
  package static var linger: String { tool("linger") }
  package static var passthrough: String { tool("passthrough") }
  package static var treecompare: String { tool("treecompare") }

  package static func tool(_ name: String) -> String { "\(directory)/\(name)" }

  /// Whether the program under test is there and knows its commands.
  package static let treelineWorks: Bool =
    (try? run([treeline, "backup", "--help"], timeout: .seconds(10)))
    .map { $0.exitCode == 0 && $0.standardOutput.contains("--settle") } ?? false
}
