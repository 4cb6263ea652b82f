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
  private static let suspectsMax = 1_000

  private let root: Descriptor
  private let own: Descriptor
  private let identity: DestinationIdentity
  private let expectation: ScrubExpectation?
  private var source: ContentSource?
  private let repair: Repair
  private let onFinding: (ScrubFinding) -> Void
  private let hasher = ContentHasher()
  private var attributes = ExtendedAttributeReader()
  private var directories = OpenDirectories(ageMax: 1_000_000_000)
  private var names = DestinationTree()
  private var copied: CopiedIndex?
  private(set) package var progress = Progress()

  private let onProgress: (Int, Progress) -> Bool
  private var isStopping = false

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
      do throws(Errno) {
        return try Descriptor.open(beneath: directory, path: name, .content)
      } catch .notPermitted {
        return try Descriptor.open(beneath: directory, path: name, .contentOfOthers)
      }
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

  private func didRead(_ count: Int) {
    progress.bytes += UInt64(count)
    if !onProgress(count, progress) { isStopping = true }
  }

  // MARK: A batch

  /// Compares what is new or was touched with the journal and the source, and writes down what was found.
  private func finish(
    _ batch: inout ScrubBatch, _ writer: inout ScrubRecordWriter, _ suspects: inout [ScrubSuspect]
  ) throws(Errno) {
    if !onProgress(0, progress) { isStopping = true }
    let ids = Set(batch.items.compactMap { $0.isToBeChecked ? $0.id : nil })
    var states: [ObjectID: OwedObject] = [:]
    if let expectation, !ids.isEmpty {
      do throws(ReplayError) { states = try expectation.states(of: ids) } catch {
        // The journal dropped what is needed, or is damaged: these are read again the next time.
      }
    }
    for index in batch.items.indices {
      let item = batch.items[index]
      var record = batch.records[index]
      if item.isToBeChecked, let id = item.id {
        guard let object = states[id], let expectation, !expectation.busy.contains(id) else { continue }
        if let what = check(item, object, id, expectation, &record) {
          suspects.append(ScrubSuspect(what: what, id: id))
          if suspects.count >= Self.suspectsMax { settle(&suspects) }
        }
      } else if item.isNew {
        progress.unconfirmed += 1
      }
      try writer.add(record)
    }
    try writer.flush()
    batch = ScrubBatch()
  }

  /// - Returns: what is wrong; then the record is one by which it is looked at again.
  private func check(
    _ item: ScrubBatch.Item, _ object: OwedObject, _ id: ObjectID, _ expectation: ScrubExpectation,
    _ record: inout ScrubRecord
  ) -> ScrubFinding.What? {
    guard let status = item.status else { return nil }
    if status.kind != object.attributes.kind {
      record.stamp = 0
      return .missing
    }
    if item.isNew {
      let isAsWritten =
        status.sizeBytes == object.attributes.sizeBytes && status.modified == object.attributes.modified
      switch sourceHash(object, expectation) {
      case item.hash?: break
      case let wanted?:
        record.hash = wanted
        record.stamp = 0
        return isAsWritten ? .differs : .edited
      case nil:
        if !isAsWritten, expectation.canHoldAll(of: id) {
          record.stamp = 0
          return .edited
        }
        progress.unconfirmed += 1
      }
    }
    if item.hasAttributes(of: object) || !expectation.canHoldAll(of: id) { return nil }
    record.stamp = 0
    return status.kind == .symbolicLink && item.target != object.target ? .missing : .attributes
  }

  /// The hash of a source's file that is in the recorded state; nil where there is none.
  private func sourceHash(_ object: OwedObject, _ expectation: ScrubExpectation) -> UInt64? {
    guard let key = object.key, source != nil else { return nil }
    for link in object.links {
      guard let above = expectation.names(to: link.parent),
        let file = try? source!.open(key, parent: link.parent, names: above + [link.name.bytes])
      else { continue }
      let opened = file
      guard let before = try? FileStatus.of(opened.raw), ContentStamp(before) == object.stamp,
        let hash = try? hasher.hash(opened.raw, didRead: { didRead($0) }),
        let after = try? FileStatus.of(opened.raw), ContentStamp(after) == object.stamp
      else { return nil }
      return hash
    }
    return nil
  }

  // MARK: Suspects

  private func settle(_ suspects: inout [ScrubSuspect]) {
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
