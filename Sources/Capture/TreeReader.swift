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

  /// Listings on the way: two in work, and some so that neither side waits for the other.
  private static let listingsMax = 8

  private let state = Guarded(State())
  private let thread: Thread

  init(anchor: SourceAnchor, excluded: Set<ObjectKey>) {
    let state = state
    state.with { state in
      for _ in 0..<Self.listingsMax { state.free.append(Listing(directory: anchor.key)) }
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

  private static func take(_ state: Guarded<State>) -> Listing? {
    state.wait { state -> Listing?? in
      if state.isStopped { return .some(nil) }
      return state.free.popLast().map { .some($0) }
    } ?? nil
  }

  private static func read(
    _ anchor: SourceAnchor, _ excluded: Set<ObjectKey>, _ state: Guarded<State>
  ) {
    let lister = Lister()
    var waiting: [ObjectKey] = [anchor.key]
    while let key = waiting.popLast() {
      guard
        let directory = try? key == anchor.key
          ? Descriptor.open(".", in: anchor.root.raw, .list)
          : key.open(mount: anchor.root.raw, flags: OpenFlags.list.rawValue)
      else { continue }  // gone, or for the one who follows to find out
      guard let listing = take(state) else { return }
      lister.list(directory.raw, key: key, into: listing) { filled in
        for entry in filled.entries
        where entry.observation.kind == .directory && !entry.isTorn && !excluded.contains(entry.key)
        {
          waiting.append(entry.key)
        }
        let isLast = filled.isLast
        state.change { $0.filled.append(filled) }
        return isLast ? nil : take(state)
      }
    }
  }
}
