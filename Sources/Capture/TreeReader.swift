import CLinux
import Exclusion
import Glibc
import LinuxSystem
import SystemPackage

/// Reads a whole tree, directory by directory, on threads of its own, so that the look at the next
/// entries goes on while the mirror takes in the last ones.
///
/// A listing says which directory it is of by that directory's own key; so it stays true however
/// directories are moved meanwhile. No listing of a directory is lent before the one that names it:
/// a reader goes on into what it found itself, and gives others only what is in listings that it has
/// handed over.
final class TreeReader: Sendable {
  /// A directory that is to be read, and what the patterns have made of its path.
  private struct Waiting {
    var key: ObjectKey
    var openParts: [UInt64] = []
    /// Its path from the root, where it can only be opened by that.
    var path: [UInt8] = []
  }

  private struct State {
    var filled: [Listing] = []
    var free: [Listing] = []
    /// Directories that any reader may read.
    var waiting: [Waiting]
    /// Readers that may still find directories.
    var busyCount: Int
    var runningCount: Int
    var isStopped = false
  }

  /// Listings on the way: together as many entries as a commit of the first scan holds, so that the
  /// readers go on while one is written. They take some 4 MiB.
  private static let listingsMax = 32
  /// More readers wait for each other in the kernel, and take what others need of the machine.
  static let readersMax = 2
  /// Directories that are given to others in one go, and that lie ready for them at most.
  private static let sharedMax = 64

  private let state: Guarded<State>
  private let threads: [Thread]

  /// - Parameter marks: has each directory be reported of before it is read; nil where all are already.
  init(
    anchor: SourceAnchor, marks: DirectoryMarks? = nil, grafts: GraftTable = .empty,
    excluded: Set<ObjectKey>, rules: ExclusionRules = ExclusionRules()
  ) {
    let root = Waiting(key: anchor.key, openParts: ReaderExclusion(rules)?.rootParts ?? [])
    let readers = min(Self.readersMax, processorCount())
    let state = Guarded(
      State(waiting: [root], busyCount: readers, runningCount: readers))
    state.with { state in
      for _ in 0..<Self.listingsMax { state.free.append(Listing()) }
    }
    self.state = state
    threads = (0..<readers).map { number in
      Thread("treeline-scan") {
        Self.read(anchor, marks, grafts, excluded, rules, number, state)
        state.change { $0.runningCount -= 1 }
      }
    }
  }

  deinit {
    state.change { $0.isStopped = true }
    for thread in threads { thread.join() }
  }

  /// Lends the next listing; nil after the last.
  func next() -> Listing? {
    state.wait { state -> Listing?? in
      if !state.filled.isEmpty { return .some(state.filled.removeFirst()) }
      return state.runningCount == 0 ? .some(nil) : nil
    } ?? nil
  }

  /// Gives a listing back to be filled again.
  func recycle(_ listing: Listing) { state.change { $0.free.append(listing) } }

  /// An empty listing; nil when nobody wants any more.
  private static func take(_ number: Int, _ state: Guarded<State>) -> Listing? {
    let listing = state.wait { state -> Listing?? in
      if state.isStopped { return .some(nil) }
      return state.free.popLast().map { .some($0) }
    } ?? nil
    listing?.removeAll()
    listing?.reader = number
    return listing
  }

  /// Hands over a listing, and what other readers can use of the directories still to be read.
  private static func hand(
    _ listing: Listing, _ found: inout [Waiting], to state: Guarded<State>
  ) {
    state.change { state in
      state.filled.append(listing)
      let count = min(found.count / 2, sharedMax - state.waiting.count)
      if count <= 0 { return }
      state.waiting.append(contentsOf: found.suffix(count))
      found.removeLast(count)
    }
  }

  /// Waits for directories that another reader found; false when there will be none.
  private static func wait(for found: inout [Waiting], _ state: Guarded<State>) -> Bool {
    state.change { $0.busyCount -= 1 }
    return state.wait { state -> Bool? in
      if state.isStopped { return false }
      if state.waiting.isEmpty { return state.busyCount == 0 ? false : nil }
      let count = (state.waiting.count + 1) / 2
      found.append(contentsOf: state.waiting.suffix(count))
      state.waiting.removeLast(count)
      state.busyCount += 1
      return true
    } ?? false
  }

  private static func read(
    _ anchor: SourceAnchor, _ marks: DirectoryMarks?, _ grafts: GraftTable, _ excluded: Set<ObjectKey>,
    _ rules: ExclusionRules, _ number: Int, _ state: Guarded<State>
  ) {
    let lister = Lister(anchor, grafts)
    let exclusion = ReaderExclusion(rules)
    var found: [Waiting] = []
    while wait(for: &found, state) {
      guard var listing = take(number, state) else { return }
      while let wanted = found.popLast() {
        let key = wanted.key
        // What is gone or elsewhere is for the one who follows to find out.
        guard let directory = try? open(wanted, anchor, grafts) else { continue }
        do throws(Errno) { try marks?.mark(directory.raw, key) } catch { continue }
        if listing.isFull {
          hand(listing, &found, to: state)
          guard let next = take(number, state) else { return }
          listing = next
        }
        let filter = exclusion?.filter(
          for: wanted.openParts, directory.raw, isRoot: key == anchor.key)
        let place = anchor.opensHandles ? nil : wanted.path
        var first = listing.entries.count
        let last = lister.list(
          directory.raw, key: key, leavingOut: filter, into: listing
        ) { filled in
          append(filled, from: first, to: &found, excluded, filter, place)
          first = 0
          hand(filled, &found, to: state)
          return take(number, state)
        }
        guard let last else { return }
        append(last, from: first, to: &found, excluded, filter, place)
        listing = last
      }
      hand(listing, &found, to: state)
    }
  }

  private static func open(
    _ wanted: Waiting, _ anchor: SourceAnchor, _ grafts: GraftTable
  ) throws(Errno) -> Descriptor {
    if wanted.key == anchor.key { return try Descriptor.open(".", in: anchor.root.raw, .list) }
    if let graft = grafts[wanted.key.graft] {
      return try wanted.key.handle.open(mount: graft.root.raw, flags: OpenFlags.list.rawValue)
    }
    if anchor.opensHandles {
      return try wanted.key.open(mount: anchor.root.raw, flags: OpenFlags.list.rawValue)
    }
    let names = wanted.path.split(separator: UInt8(ascii: "/")).map(Array.init)
    let directory = try AnchoredPath.openDirectory(beneath: anchor.root.raw, names, .list)
    guard try anchor.identity.key(of: directory.raw) == wanted.key else {
      throw .staleNFSFileHandle
    }
    return directory
  }

  /// Notes the directories among some entries as to be read.
  ///
  /// - Parameter place: the path of the directory that they are in, if it is asked for.
  private static func append(
    _ listing: Listing, from first: Int, to found: inout [Waiting],
    _ excluded: Set<ObjectKey>, _ filter: NameFilter?, _ place: [UInt8]?
  ) {
    for entry in listing.entries[first...]
    where entry.observation.kind == .directory && !entry.isTorn && !excluded.contains(entry.key) {
      var next = Waiting(key: entry.key)
      if let place {
        next.path = place + [UInt8(ascii: "/")] + listing.bytes[entry.name]
      }
      if let filter {
        let open = listing.bytes.withUnsafeBytes { bytes in
          filter.openParts(ofDirectory: UnsafeRawBufferPointer(rebasing: bytes[entry.name]))
        }
        guard let open else { continue }
        next.openParts = open
      }
      found.append(next)
    }
  }
}
