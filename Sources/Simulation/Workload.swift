/// Makes lists of operations.
package enum Workload {
  /// So many restarts of each kind come with a thousand operations.
  private static let restartsPerThousand = 3

  /// - Parameter count: how many operations, those that quiesce and restart among them.
  package static func operations(_ settings: Settings, count: Int) -> [Operation] {
    // Another stream than that of the settings.
    var random = SplitMix(seed: ~settings.seed)
    var ladder: [Operation.Kind] = []
    for kind in Operation.Kind.allCases {
      ladder += repeatElement(kind, count: settings.weights[Int(kind.rawValue)])
    }
    var operations: [Operation] = []
    operations.reserveCapacity(count)
    while operations.count < count {
      let bits = random.next()
      let more = random.next()
      operations.append(
        Operation(
          kind: kind(settings, ladder, &random), number: UInt32(operations.count), process: UInt8(bits & 0xff) % 3,
          wait: UInt8(Int(bits >> 8 & 0xff) % (settings.waitMax + 1)),
          delay: UInt8(Int(bits >> 16 & 0xff) % (settings.delayMax + 1)),
          a: UInt16(truncatingIfNeeded: more), b: UInt16(truncatingIfNeeded: more >> 16),
          c: UInt16(truncatingIfNeeded: more >> 32), d: UInt16(truncatingIfNeeded: more >> 48)))
    }
    return operations
  }

  private static func kind(
    _ settings: Settings, _ ladder: [Operation.Kind], _ random: inout SplitMix
  ) -> Operation.Kind {
    if random.chance(1, of: settings.quiesceEvery) { return .quiesce }
    switch random.below(1_000) {
    case 0..<Self.restartsPerThousand: return .kill
    case 10..<10 + Self.restartsPerThousand: return .stop
    case 20..<20 + Self.restartsPerThousand: return .powerCut
    case 30..<30 + Self.restartsPerThousand: return .takeSnapshot
    case 40..<40 + Self.restartsPerThousand: return .rollBack
    default: return ladder[random.below(ladder.count)]
    }
  }
}
