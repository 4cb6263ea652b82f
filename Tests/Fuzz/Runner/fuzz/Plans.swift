import Journal
import LinuxSystem
@testable import Replay
import Tree

extension Fuzz {
  /// What a destination's log says of plans; the first byte says which of both. What is accepted reads the same
  /// when it is written anew.
  static func plans(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let first = bytes.first else { return 0 }
    let payload = Array(bytes.dropFirst())
    if first & 1 == 0 {
      guard let record = try? AppliedRecord(payload: payload) else { return 0 }
      let written = record.payloads
      guard written.count == 1 else { return 0 }
      let again = try? AppliedRecord(payload: written[0])
      precondition(again?.payloads == written, "a state reads otherwise when it is written anew")
    } else {
      guard let record = try? IntentRecord(payload: payload) else { return 0 }
      let written = record.payloads
      guard written.count == 1 else { return 0 }
      let again = try? IntentRecord(payload: written[0])
      precondition(again?.payloads == written, "an intent reads otherwise when it is written anew")
    }
    return 0
  }
}
