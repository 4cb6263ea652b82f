import Journal
import LinuxSystem
import Tree

/// A journal in memory: what a real one holds, in its encoding, without the files.
struct SimulatedJournal {
  struct Broken: Error { let what: String }

  private let codec = CommitCodec()
  private var checkpoint: [[UInt8]] = []
  private var checkpointNextID = ObjectID.first
  /// Commits after the checkpoint.
  private var commits: [[UInt8]] = []
  /// The number of the first of `commits`, counted from the beginning.
  private var first = 0
  /// How many commits the destination has.
  var appliedCount = 0
  /// Whether the whole tree was ever looked at.
  var isComplete = false
  /// When each of `commits` was made, and under which boot.
  private var times: [(time: Timestamp, boot: Int)] = []
  private var checkpointTime: (time: Timestamp, boot: Int) = (.zero, 0)

  /// When the last commit was made.
  var lastTime: Timestamp { (times.last ?? checkpointTime).time }
  var lastBoot: Int { (times.last ?? checkpointTime).boot }

  var count: Int { first + commits.count }

  mutating func append(
    _ changes: ChangeSet, isPartial: Bool, drainedSeconds: Int64, time: Timestamp, boot: Int
  ) throws {
    commits.append(
      try codec.encode(
        changes, flags: isPartial ? .partial : [], drainedSeconds: drainedSeconds))
    if !isPartial { isComplete = true }
    times.append((time, boot))
  }

  func changes(_ number: Int) throws -> ChangeSet {
    guard let changes = codec.decode(commits[number - first]) else {
      throw Broken(what: "commit \(number) cannot be decoded")
    }
    return changes
  }

  /// Loses the last commits that nobody has seen yet.
  mutating func loseLast(_ count: Int) {
    let lost = min(count, self.count - max(appliedCount, first))
    commits.removeLast(lost)
    times.removeLast(lost)
  }

  /// Replaces all commits that the destination has by the tree that they make.
  mutating func makeCheckpoint(_ mirror: Mirror) throws {
    guard appliedCount == count else { return }
    checkpoint.removeAll()
    let codec = codec
    var chunks: [[UInt8]] = []
    // Small, so that there are several of a small tree.
    try mirror.forEachChunk(objects: 7) { chunk in
      chunks.append(try codec.encode(chunk, drainedSeconds: 0))
    }
    checkpoint = chunks
    checkpointNextID = mirror.nextID
    first = count
    checkpointTime = times.last ?? checkpointTime
    commits.removeAll()
    times.removeAll()
  }

  /// The mirror that the journal makes.
  func load(root: ObjectKey) throws -> Mirror {
    var loader = MirrorLoader(root: root)
    for chunk in checkpoint {
      guard let changes = codec.decode(chunk) else {
        throw Broken(what: "a checkpoint cannot be decoded")
      }
      try loader.apply(changes)
    }
    for number in first..<count { try loader.apply(try changes(number)) }
    return loader.finish(nextID: checkpointNextID)
  }
}
