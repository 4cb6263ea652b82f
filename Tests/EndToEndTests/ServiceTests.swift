import Foundation
import TestSupport
import Testing

extension EndToEndWaiting {
  /// What a service manager is told. See sd_notify(3).
  struct ServiceTests {
    /// The message goes with the next status, which comes each minute.
    @Test(.enabled(if: Thoroughness.isFull, "waits for a minute"))
    func thatItIsReadyIsToldAgainUntilSomebodyTakesIt() throws {
      let directory = try TemporaryDirectory()
      try shell("mkdir '\(directory["s"])' '\(directory["d"])'")
      let backup = try Child(
        [
          Products.treeline, "backup", directory["s"], directory["d"], "--journal", directory["journal"], "--mark", "inode",
        ],
        environment: ["NOTIFY_SOCKET": directory["notify"]])
      let isReady = try eventually(within: .seconds(30)) { try treeline(["flush", directory["journal"]]).exitCode == 0 }
      #expect(isReady, "\(backup.standardError)")
      let manager = try NotifySocket(at: directory["notify"])
      let message = try #require(manager.receive(within: 90_000), "nothing was told: \(backup.standardError)")
      #expect(message.hasPrefix("READY=1\nSTATUS="), "\(message)")
    }
  }
}
