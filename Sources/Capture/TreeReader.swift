import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// Reads a whole tree, directory by directory, on a thread of its own, so that the look at the next
/// entries goes on while the mirror takes in the last ones.
///
/// A listing says which directory it is of by that directory's own key; so it stays true however
/// directories are moved meanwhile.
final class TreeReader: Sendable {
  private struct State {
    var filled: [Listing] = []
    var free: [Listing] = []
    var isDone = false
    var isStopped = false
  }

  /// Listings on the way: together as many entries as a commit of the first scan holds, so that the
  /// reader goes on while one is written. They take some 4 MiB.
  private static let listingsMax = 32

  private let state = Guarded(State())
  private let thread: Thread

  init(anchor: SourceAnchor, excluded: Set<ObjectKey>) {
    let state = state
    state.with { state in
      for _ in 0..<Self.listingsMax { state.free.append(Listing()) }
    }
    thread = Thread("treeline-scan") {
      Self.read(anchor, excluded, state)
      state.change { $0.isDone = true }
    }
  }

  deinit {
    state.change { $0.isStopped = true }
    thread.join()
  }

  /// Lends the next listing; nil after the last.
  func next() -> Listing? {
    state.wait { state -> Listing?? in
      if !state.filled.isEmpty { return .some(state.filled.removeFirst()) }
      return state.isDone ? .some(nil) : nil
    } ?? nil
  }

  /// Gives a listing back to be filled again.
  func recycle(_ listing: Listing) { state.change { $0.free.append(listing) } }

  /// An empty listing; nil when nobody wants any more.
  private static func take(_ state: Guarded<State>) -> Listing? {
    let listing = state.wait { state -> Listing?? in
      if state.isStopped { return .some(nil) }
      return state.free.popLast().map { .some($0) }
    } ?? nil
    listing?.removeAll()
    return listing
  }

  private static func hand(_ listing: Listing, to state: Guarded<State>) {
    state.change { $0.filled.append(listing) }
  }

  private static func read(
    _ anchor: SourceAnchor, _ excluded: Set<ObjectKey>, _ state: Guarded<State>
  ) {
    let lister = Lister()
    var waiting: [ObjectKey] = [anchor.key]
    guard var listing = take(state) else { return }
    while let key = waiting.popLast() {
      guard
        let directory = try? key == anchor.key
          ? Descriptor.open(".", in: anchor.root.raw, .list)
          : key.open(mount: anchor.root.raw, flags: OpenFlags.list.rawValue)
      else { continue }  // gone, or for the one who follows to find out
      if listing.isFull {
        hand(listing, to: state)
        guard let next = take(state) else { return }
        listing = next
      }
      var first = listing.entries.count
      let last = lister.list(directory.raw, key: key, into: listing) { filled in
        append(filled.entries[first...], to: &waiting, excluded)
        first = 0
        hand(filled, to: state)
        return take(state)
      }
      guard let last else { return }
      append(last.entries[first...], to: &waiting, excluded)
      listing = last
    }
    hand(listing, to: state)
  }

  /// Notes the directories among some entries as to be read.
  private static func append(
    _ entries: ArraySlice<Listing.Entry>, to waiting: inout [ObjectKey],
    _ excluded: Set<ObjectKey>
  ) {
    for entry in entries
    where entry.observation.kind == .directory && !entry.isTorn && !excluded.contains(entry.key) {
      waiting.append(entry.key)
    }
  }
}
