import Journal
import LinuxSystem
import SystemPackage
import Tree

/// Rereads a destination: every content against what it was when it was read last, or against the source, and
/// every attribute against the journal.
///
/// It only reads the copy, so a backup may go on meanwhile. What it suspects is handed to `repair`: to whoever
/// holds the destination.
package final class DestinationScrub {
  package struct Progress: Sendable {
    package var objects: UInt64 = 0
    package var objectsTotal: UInt64 = 0
    package var bytes: UInt64 = 0
    /// Contents that were read for the first time, and could not be compared with the source.
    package var unconfirmed: UInt64 = 0
    /// Whether it went on where another one was interrupted.
    package var isResumed = false
  }

  /// Looks once more at suspects, and repairs them.
  package typealias Repair = ([ScrubSuspect]) -> [ScrubFinding.Outcome]

  /// So many objects are looked up in the journal together: about 40 MB.
  private static let batchMax = 65_536
  /// What is found is written down after so many bytes, so that an interruption costs no more.
  private static let batchBytesMax: UInt64 = 4 << 30
  /// How many suspects are repaired together.
  static let suspectsMax = 1_000

  private let root: Descriptor
  private let own: Descriptor
  private let identity: DestinationIdentity
  let expectation: ScrubExpectation?
  var source: ContentSource?
  private let repair: Repair
  private let onFinding: (ScrubFinding) -> Void
  let hasher = ContentHasher()
  private var attributes = ExtendedAttributeReader()
  private var directories = OpenDirectories(ageMax: 1_000_000_000)
  private var names = DestinationTree()
  private var copied: CopiedIndex?
  package internal(set) var progress = Progress()

  let onProgress: (Int, Progress) -> Bool
  var isStopping = false

  /// - Parameters:
  ///   - journal: the journal that the destination follows; without it contents are only compared with what
  ///     they were.
  ///   - source: the root of the source, where it is there.
  ///   - onProgress: is told of every piece that was read, and may take its time; returns false to end the scrub,
  ///     and what it has found by then is kept.
  package init(
    _ path: [UInt8], journal: [UInt8]?, source: consuming Descriptor?,
    grafts: @escaping @Sendable () -> GraftTable, repair: @escaping Repair,
    onFinding: @escaping (ScrubFinding) -> Void, onProgress: @escaping (Int, Progress) -> Bool
  ) throws(ReplayError) {
    guard case .ours(let identity) = try Destination.inspect(path) else { throw .notOurs }
    self.identity = identity
    do throws(Errno) {
      let root = try Descriptor.open(given: path, .listPlace)
      own = try Descriptor.open(".treeline", in: root.raw, .list)
      self.root = root
    } catch {
      throw .unavailable(error)
    }
    if let journal { expectation = try ScrubExpectation(journal: journal, own: own.raw) } else { expectation = nil }
    if let source { self.source = ContentSource(root: source, grafts: grafts) } else { self.source = nil }
    self.repair = repair
    self.onFinding = onFinding
    self.onProgress = onProgress
  }

  /// Reads everything.
  ///
  /// - Returns: false when it was stopped; the next one goes on from there.
  package func run() throws(ReplayError) -> Bool {
    do throws(Errno) {
      let place = try Destination.makeDirectory("scrub", in: own.raw)
      let lock = try Descriptor.open("lock", in: place.raw, .own, mode: 0o600)
      guard try FileBytes.lock(lock.raw) else { throw Errno.resourceTemporarilyUnavailable }
      return try run(in: place.raw)
    } catch .resourceTemporarilyUnavailable {
      throw .locked(pid: 0)
    } catch {
      throw .destination(error, what: "scrub")
    }
  }

  private func run(in place: Int32) throws(Errno) -> Bool {
    var walk = ScrubWalk(expectation)
    try walk.run(root: root.raw, own: own.raw) { isStopping }
    names = expectation?.tree ?? walk.found
    progress.objectsTotal = UInt64(walk.candidates.count)
    var suspects = walk.suspects
    var known = ScrubRecordReader(ScrubRecordWriter.name, in: place, destination: identity.id)
    var writer = try ScrubRecordWriter(in: place, destination: identity.id, now: .now())
    progress.isResumed = writer.resumedAfter != nil
    copied = CopiedIndex(in: place, destination: identity.id)
    var batch = ScrubBatch()
    var old: ScrubRecord? = nil
    var last: ScrubWalk.Candidate?
    for candidate in walk.candidates {
      if isStopping { break }
      progress.objects += 1
      if let done = writer.resumedAfter, candidate.inode <= done { continue }
      if let last, last.inode == candidate.inode, last.number == candidate.number { continue }
      last = candidate
      var matches: [ScrubRecord] = []
      while true {
        if old == nil { old = known?.next() }
        guard let record = old, record.inode <= candidate.inode else { break }
        if record.inode == candidate.inode { matches.append(record) }
        old = nil
      }
      look(candidate, walk.versions, matches, &batch, &suspects)
      if batch.items.count >= Self.batchMax || batch.bytes >= Self.batchBytesMax {
        try finish(&batch, &writer, &suspects)
      }
      if suspects.count >= Self.suspectsMax { settle(&suspects) }
    }
    try finish(&batch, &writer, &suspects)
    settle(&suspects)
    if isStopping { return false }
    try writer.finish(now: .now())
    CopiedIndex.end(in: place)
    return true
  }

  // MARK: One object

  private func look(
    _ candidate: ScrubWalk.Candidate, _ versions: [[[UInt8]]], _ matches: [ScrubRecord],
    _ batch: inout ScrubBatch, _ suspects: inout [ScrubSuspect]
  ) {
    let isVersion = candidate.number & ScrubWalk.Candidate.versionBit != 0
    let version = isVersion ? versions[Int(candidate.number & ~ScrubWalk.Candidate.versionBit)] : nil
    let id = ObjectID(candidate.number)
    var item = ScrubBatch.Item(id: isVersion ? nil : id)
    do throws(Errno) {
      let opened = if let version { try openVersion(version) } else { try openObject(id) }
      let status = try FileStatus.of(opened.raw)
      // It is another one by now.
      guard status.inode == candidate.inode else { return }
      let old = matches.first { $0.isOf(status) }
      item.status = status
      switch status.kind {
      case .regular:
        item.hash = try hash(opened.raw)
        let after = try FileStatus.of(opened.raw)
        guard after.sizeBytes == status.sizeBytes, after.modified == status.modified else { return }
        item.status = after
      case .symbolicLink:
        item.target = try withCString([]) { name throws(Errno) in try Names.target(of: name, in: opened.raw) }
        item.hash = item.target.withUnsafeBytes { XXH64.hash($0) }
      default: break
      }
      if let old, old.isUntouched(item.status!), old.hash == item.hash { return batch.add(item, old) }
      if let old, old.hash != item.hash, status.kind == .regular {
        // What it was is remembered until it is so again.
        suspect(old.isUntouched(item.status!) ? .rotted : .edited, id, version, &suspects)
        return batch.add(ScrubBatch.Item(id: nil), old)
      }
      let copied = old == nil && status.kind == .regular ? copied?.hash(of: item.status!) : nil
      if let copied, copied != item.hash {
        suspect(.rotted, id, version, &suspects)
        return batch.add(ScrubBatch.Item(id: nil), ScrubRecord(item.status!, hash: copied))
      }
      try attributes.read(opened.raw, flags: item.status!.flags)
      item.extendedAttributes = attributes.encoded
      item.isToBeChecked = !isVersion && expectation != nil
      item.isNew = old == nil && copied == nil && status.kind == .regular
      batch.add(item, ScrubRecord(item.status!, hash: item.hash))
    } catch .noSuchFileOrDirectory {
      // It went meanwhile.
    } catch .permissionDenied {
      progress.unconfirmed += 1
    } catch {
      suspect(.unreadable, id, version, &suspects)
      if let old = matches.first { batch.add(ScrubBatch.Item(id: nil), old) }
    }
  }

  private func suspect(
    _ what: ScrubFinding.What, _ id: ObjectID, _ version: [[UInt8]]?, _ suspects: inout [ScrubSuspect]
  ) {
    guard let version else {
      return suspects.append(ScrubSuspect(what: what, id: id))
    }
    onFinding(
      ScrubFinding(
        what: what, path: joined([Array(".treeline".utf8)] + version),
        outcome: .left("it is a version: what it was is not to be had from anywhere else")))
  }

  private func openVersion(_ names: [[UInt8]]) throws(Errno) -> Descriptor {
    let directory = try AnchoredPath.openDirectory(beneath: own.raw, Array(names.dropLast()))
    return try withCString(names.last!) { name throws(Errno) in
      try Descriptor.open(beneath: directory.raw, path: name, .content)
    }
  }

  private func openObject(_ id: ObjectID) throws(Errno) -> Descriptor {
    if id == .root { return try Descriptor.open(".", in: root.raw, .list) }
    guard let link = names.link(of: id) else { throw .noSuchFileOrDirectory }
    let directory = try self.directory(link.parent)
    return try withCString(Destination.name(link)) { name throws(Errno) in
      guard try FileStatus.of(name, in: directory).kind == .regular else {
        return try Descriptor.open(beneath: directory, path: name, .look)
      }
      return try Descriptor.open(beneath: directory, path: name, .content)
    }
  }

  /// A descriptor of a directory, good until the next call.
  private func directory(_ id: ObjectID) throws(Errno) -> Int32 {
    if id == .root { return root.raw }
    if let open = directories.find(id) { return open }
    var path: [[UInt8]] = []
    var at = id
    while at != .root {
      guard let link = names.link(of: at), link.parent != .park, path.count < Replayer.depthMax else {
        throw .noSuchFileOrDirectory
      }
      path.append(Destination.name(link))
      at = link.parent
    }
    return directories.keep(try AnchoredPath.openDirectory(beneath: root.raw, path.reversed()), id)
  }

  private func hash(_ file: Int32) throws(Errno) -> UInt64 {
    // What is in memory says nothing of the disk.
    FileBytes.dropCached(file)
    defer { FileBytes.dropCached(file) }
    return try hasher.hash(file) { didRead($0) }
  }

  func didRead(_ count: Int) {
    progress.bytes += UInt64(count)
    if !onProgress(count, progress) { isStopping = true }
  }

  // MARK: Suspects

  func settle(_ suspects: inout [ScrubSuspect]) {
    if suspects.isEmpty { return }
    for (suspect, outcome) in zip(suspects, repair(suspects)) where outcome != .sound {
      onFinding(ScrubFinding(what: suspect.what, path: path(of: suspect), outcome: outcome))
    }
    suspects.removeAll()
  }

  private func path(of suspect: ScrubSuspect) -> [UInt8] {
    var path = suspect.what == .foreign ? [suspect.name] : []
    var at = suspect.id
    while at != .root {
      guard let link = names.link(of: at), link.parent != .park, path.count < Replayer.depthMax else {
        return Array("(object \(suspect.id.rawValue))".utf8)
      }
      path.append(Destination.name(link))
      at = link.parent
    }
    return path.isEmpty ? [0x2e] : joined(path.reversed())
  }
}
