import Capture

/// How the world of one seed is made.
package struct Settings: Sendable {
  enum HandleKind: Int, CaseIterable { case ext4, xfs, opaque }

  let seed: UInt64
  /// Opaque handles do not tell a torn pair of handle and attributes.
  let handles: HandleKind
  /// The longest row of operations at once, while nobody looks.
  let burstMax: Int
  /// The most looks between two operations.
  let waitMax: Int
  /// The most looks between a change and its event.
  let delayMax: Int
  /// The reader of the queue reads at so many looks of 256.
  let drainChance: Int
  let queueLimit: Int
  let nameCount: Int
  let inodeMax: Int
  /// What the clock of the ctimes advances by.
  let tickNanoseconds: Int64
  /// Whether a ctime that was looked at is followed by a distinct one, as since Linux 6.13.
  let isMultigrain: Bool
  /// Names that one read of a directory gives.
  let chunkMax: Int
  /// Entries in one listing.
  let listingMax: Int
  /// So many looks of 4,096 fail with EIO.
  let errorChance: Int
  /// So many of 256 rounds are followed by a commit, commits by a replay, replays by a checkpoint.
  let commitChance: Int
  let replayChance: Int
  let checkpointChance: Int
  /// So many of 256 replays are interrupted between two verbs.
  let interruptionChance: Int
  let hasExcluded: Bool
  let policy: SettlePolicy
  /// How often each kind happens; a kind left out happens never.
  let weights: [Int]
  /// Operations between two quiescences, on average.
  let quiesceEvery: Int
  /// From so many hints on in a directory, its names are read at once.
  let crowdMin: Int

  package init(seed: UInt64) {
    var random = SplitMix(seed: seed)
    func oneOf(_ values: Int...) -> Int { values[random.below(values.count)] }
    self.seed = seed
    handles = HandleKind.allCases[random.below(3)]
    burstMax = oneOf(1, 3, 10, 60)
    waitMax = oneOf(0, 1, 3, 10)
    delayMax = oneOf(0, 0, 2, 20)
    drainChance = oneOf(0, 8, 64, 256)
    queueLimit = oneOf(8, 16, 64, 1_024, 1_024)
    nameCount = oneOf(3, 5, 8, SimulatedNames.all.count)
    inodeMax = oneOf(16, 32, 64)
    tickNanoseconds = Int64(oneOf(1, 1, 4_000_000, 1_000_000_000))
    isMultigrain = !random.chance(1, of: 4)
    chunkMax = oneOf(1, 3, 100)
    listingMax = oneOf(2, 5, 100)
    errorChance = oneOf(0, 0, 0, 8)
    commitChance = oneOf(256, 256, 64)
    replayChance = oneOf(256, 64, 0)
    checkpointChance = oneOf(0, 16)
    interruptionChance = oneOf(0, 0, 64)
    hasExcluded = random.chance(1, of: 4)
    policy = SettlePolicy(
      quietNanoseconds: Int64(oneOf(0, 1_000_000, 200_000_000)),
      delayMaxNanoseconds: Int64(oneOf(0, 5_000_000_000)))
    quiesceEvery = oneOf(10, 40, 150)
    var weights: [Int] = []
    for kind in Operation.Kind.allCases {
      let isRare: Bool
      switch kind {
      case .stop, .kill, .powerCut, .takeSnapshot, .rollBack, .quiesce:
        weights.append(0)  // decided apart
        continue
      case .removeTree, .cloneTree: isRare = true
      default: isRare = false
      }
      // A seed that lacks some kinds finds what many kinds at once hide.
      let weight = random.chance(1, of: 5) ? 0 : 1 + random.below(8)
      weights.append(isRare ? (weight + 7) / 8 : weight * 4)
    }
    if weights.allSatisfy({ $0 == 0 }) { weights[Int(Operation.Kind.makeFile.rawValue)] = 1 }
    // Without directories and files little else can happen.
    weights[Int(Operation.Kind.makeDirectory.rawValue)] += 6
    weights[Int(Operation.Kind.makeFile.rawValue)] += 6
    self.weights = weights
    crowdMin = oneOf(1, 3, 64)
  }
}
