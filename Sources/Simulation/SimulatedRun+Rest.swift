import Capture
import Tree

extension SimulatedRun {
  private func restlessness(_ round: SourceFollower.Round) -> String {
    if let (id, object) = replay.owed.first {
      return "object \(id.rawValue) stays owed to the destination: \(object)"
    }
    return "it does not come to rest: \(round), \(follower.troubles())"
  }

  /// Lets all come to rest, and compares.
  mutating func quiesce() throws {
    summary.quiescences += 1
    world.closeAll(withEvents: true)
    world.hasErrors = false
    world.isResting = true
    defer {
      world.hasErrors = settings.errorChance > 0
      world.isResting = false
    }
    var rounds = 0
    while true {
      let round = try follower.round(waived: true)
      try note(round)
      let isAtRest = round.isExact && !follower.mirror.hasChanges && follower.troubles().isEmpty
      try commit()
      try replayCommits(isLast: true)
      if isAtRest, replay.owed.isEmpty { break }
      rounds += 1
      if rounds > Self.roundsMax { throw Wrong(description: restlessness(round)) }
    }
    let comparison = Comparison(
      filesystem: world.filesystem, mirror: follower.mirror, excluded: world.excludedKey)
    if let difference = comparison.difference() { throw Wrong(description: difference) }
    if let difference = comparison.difference(replay.destination) {
      throw Wrong(description: difference)
    }
    guard Int(world.time & 3) == 0 else { return }
    let loaded = try journal.load(root: source.rootKey)
    let again = Comparison(
      filesystem: world.filesystem, mirror: loaded, excluded: world.excludedKey)
    if let difference = again.difference() {
      throw Wrong(description: "the mirror that the journal makes: \(difference)")
    }
  }
}
