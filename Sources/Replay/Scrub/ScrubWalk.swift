import LinuxSystem
import SystemPackage
import Tree

/// What there is to read at a destination, by rising inode number: on a disk that is the order in which it lies.
struct ScrubWalk {
  /// An object that is there, or a version.
  struct Candidate {
    var inode: UInt64
    /// Its number; with the top bit a place in `versions`.
    var number: UInt64

    static let versionBit: UInt64 = 1 << 63
  }

  private(set) var candidates: [Candidate] = []
  /// Names from the destination's own directory.
  private(set) var versions: [[[UInt8]]] = []
  /// What is not there, or is foreign.
  private(set) var suspects: [ScrubSuspect] = []
  /// Where no journal tells, what was found has these numbers.
  private(set) var found = DestinationTree()
  private let expectation: ScrubExpectation?
  /// The inode of objects with several names.
  private var linked: [ObjectID: UInt64] = [:]
  private var lastNumber = ObjectID.root.rawValue

  private static let lostAndFound = Array("lost+found".utf8)

  init(_ expectation: ScrubExpectation?) { self.expectation = expectation }

  /// Lists everything beneath a destination's root.
  mutating func run(root: Int32, own: Int32, isStopping: () -> Bool) throws(Errno) {
    candidates.append(Candidate(inode: try FileStatus.of(root).inode, number: ObjectID.root.rawValue))
    var waiting: [(id: ObjectID, names: [[UInt8]])] = [(.root, [])]
    while let (id, names) = waiting.popLast(), !isStopping() {
      do throws(Errno) {
        let directory = try AnchoredPath.openDirectory(beneath: root, names, .list)
        try list(id, directory.raw) { child, name in waiting.append((child, names + [name])) }
      } catch {
        // It went meanwhile, or cannot be listed: who holds the destination decides.
        if id == .root { throw error }
        suspects.append(ScrubSuspect(what: .missing, id: id))
      }
    }
    for id in expectation?.lacking ?? [] { suspects.append(ScrubSuspect(what: .missing, id: id)) }
    try? listVersions(own)
    candidates.sort { ($0.inode, $0.number) < ($1.inode, $1.number) }
  }

  private mutating func list(
    _ id: ObjectID, _ directory: Int32, _ enter: (ObjectID, [UInt8]) -> Void
  ) throws(Errno) {
    var expected = expectation?.entries(of: id) ?? [:]
    var entries: [(name: [UInt8], inode: UInt64, kind: FileKind)] = []
    let reader = DirectoryReader()
    do throws(DirectoryError<Never>) {
      try reader.forEach(in: directory) { name, inode, kind in
        entries.append((Array(UnsafeRawBufferPointer(start: name, count: length(of: name))), inode, kind))
      }
    } catch {
      if case .reading(let errno) = error { throw errno }
    }
    for (name, inode, kind) in entries {
      if id == .root, RootNames.inSource(name) == nil { continue }
      guard let child = expected.removeValue(forKey: name) ?? number(name, in: id, kind) else {
        if id == .root, name == Self.lostAndFound { continue }
        suspects.append(ScrubSuspect(what: .foreign, id: id, name: name))
        continue
      }
      take(child, inode)
      if kind == .directory { enter(child, name) }
    }
    for child in expected.values where expectation?.busy.contains(child) == false {
      suspects.append(ScrubSuspect(what: .missing, id: child))
    }
  }

  private mutating func take(_ id: ObjectID, _ inode: UInt64) {
    if expectation?.busy.contains(id) == true { return }
    candidates.append(Candidate(inode: inode, number: id.rawValue))
    guard let expectation, expectation.tree.links(of: id).count > 1 else { return }
    if let other = linked.updateValue(inode, forKey: id), other != inode {
      suspects.append(ScrubSuspect(what: .edited, id: id))
    }
  }

  /// Where no journal tells what is ours, all of it is.
  private mutating func number(
    _ name: [UInt8], in directory: ObjectID, _ kind: FileKind
  ) -> ObjectID? {
    guard expectation == nil, let name = directory == .root ? RootNames.inSource(name) : name else { return nil }
    lastNumber += 1
    let id = ObjectID(lastNumber)
    found.add(Link(directory, Name(name)), to: id, isDirectory: kind == .directory)
    return id
  }

  /// `versions/JOURNAL/SEQUENCE/ID`; what is linked from the copy as well is read there.
  private mutating func listVersions(_ own: Int32) throws(Errno) {
    let top = [Array(VersionStore.name.utf8)]
    for journal in try names(own, top) where journal.count == 32 {
      for place in try names(own, top + [journal]) {
        let directory = try AnchoredPath.openDirectory(beneath: own, top + [journal, place], .list)
        for slot in try VersionStore.names(directory.raw) {
          guard let status = try? withCString(slot, { slot throws(Errno) in
            try FileStatus.of(slot, in: directory.raw)
          }), status.kind == .regular, status.linkCount == 1
          else { continue }
          candidates.append(
            Candidate(inode: status.inode, number: UInt64(versions.count) | Candidate.versionBit))
          versions.append(top + [journal, place, slot])
        }
      }
    }
  }

  private func names(_ own: Int32, _ path: [[UInt8]]) throws(Errno) -> [[UInt8]] {
    let directory = try AnchoredPath.openDirectory(beneath: own, path, .list)
    return try VersionStore.names(directory.raw)
  }
}

private func length(of name: UnsafePointer<CChar>) -> Int {
  var length = 0
  while name[length] != 0 { length += 1 }
  return length
}
