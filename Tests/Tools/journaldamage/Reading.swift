import Journal
import LinuxSystem
import Tree

/// All that a journal tells, in short: the same digest means the same tree.
struct Reading {
  /// After which commit the first one stands.
  var oldest: Sequence?
  /// Of each commit in turn.
  var commits: [UInt64] = []
  /// By the commit that each is of; nil for one that is refused.
  var checkpoints: [Sequence: UInt64?] = [:]
  /// The commits that were read from the newest checkpoint on; nil where that was refused.
  var afterCheckpoint: [UInt64]?
  var durable: Cursor?
  var cursors: [JournalCursor] = []
  var damagedCursors = 0
  /// The last commit that was read in order.
  var last = Sequence.zero
  /// The commits that an index names for each object; nil where it is of no use, or was found to be wrong.
  var touching: [[Sequence]]?
  /// Reading from the first commit on ended with an error.
  var isCutShort = false
  /// Something was said to be damaged.
  var isReported = false

  /// Reads through the product's own readers.
  init(_ specimen: Specimen) {
    read(specimen.path)
    readCheckpoints(specimen.path)
    readCursors(specimen.path)
    readIndex(specimen)
  }

  private mutating func read(_ path: [UInt8]) {
    do throws(JournalError) {
      let reader = try JournalReader.open(at: path)
      oldest = reader.oldest.sequence
      var commit = Commit()
      while try reader.next(&commit) {
        commits.append(digest(commit))
        last = commit.cursor.sequence
      }
      durable = try reader.durable()
    } catch {
      isCutShort = true
      isReported = true
    }
  }

  private mutating func readCheckpoints(_ path: [UInt8]) {
    do throws(JournalError) {
      let reader = try JournalReader.open(at: path)
      var newest: Cursor? = nil
      for file in try reader.checkpointSizes() {
        do throws(JournalError) {
          guard let checkpoint = try reader.checkpoint(atOrBefore: file.number) else { continue }
          var sum = Digest()
          sum.add(checkpoint.nextObjectID.rawValue)
          var part = ChangeSet()
          while try checkpoint.next(&part) { sum.add(part) }
          checkpoints[file.number] = .some(sum.value)
          newest = checkpoint.cursor
        } catch {
          checkpoints[file.number] = .some(nil)
          isReported = true
        }
      }
      guard let newest, try reader.seek(after: newest) else {
        isReported = true
        return
      }
      var commit = Commit()
      var digests: [UInt64] = []
      while try reader.next(&commit) { digests.append(digest(commit)) }
      afterCheckpoint = digests
    } catch { isReported = true }
  }

  private mutating func readCursors(_ path: [UInt8]) {
    do throws(JournalError) {
      let found = try JournalCursors(at: path).all()
      cursors = found.cursors
      damagedCursors = found.damaged.count
    } catch { isReported = true }
    if damagedCursors > 0 { isReported = true }
  }

  private mutating func readIndex(_ specimen: Specimen) {
    do throws(JournalError) {
      let index = try JournalIndex(at: specimen.path)
      guard let hits = try index.hits(of: specimen.objects.map { .object($0) }) else { return }
      let reader = try JournalReader.open(at: specimen.path)
      var found: [[Sequence]] = Array(repeating: [], count: specimen.objects.count)
      var commit = Commit()
      var place: CommitPlace? = nil
      for hit in hits {
        if hit.place != place {
          guard try reader.read(hit.place, &commit) else { return }
          place = hit.place
        }
        found[hit.key].append(commit.cursor.sequence)
      }
      touching = found
    } catch { isReported = true }
  }

  private func digest(_ commit: Commit) -> UInt64 {
    var sum = Digest()
    sum.add(commit.cursor.sequence.rawValue)
    sum.add(commit.cursor.chain.rawValue)
    sum.add(UInt64(commit.header.flags.rawValue))
    sum.add(UInt64(bitPattern: commit.header.time.seconds))
    for mark in commit.marks {
      sum.add(UInt64(mark.kind.rawValue))
      for byte in mark.payload { sum.add(UInt64(byte)) }
    }
    sum.add(commit.changes)
    return sum.value
  }

  /// What is wrong with this reading of a damaged journal; nil when it is right, or says that it is not.
  ///
  /// - Parameter whole: that of the undamaged one.
  func fault(beside whole: Reading) -> String? {
    guard oldest == nil || oldest == whole.oldest else { return "it begins elsewhere" }
    guard whole.commits.starts(with: commits) else { return "a commit is not as it was written" }
    if commits.count < whole.commits.count, !isCutShort { return "commits are missing, and nobody says so" }
    for (number, sum) in checkpoints {
      guard let sum else { continue }
      if whole.checkpoints[number] != .some(sum) { return "a checkpoint is not as it was written" }
    }
    if checkpoints.count < whole.checkpoints.count, !isReported { return "a checkpoint is missing" }
    // Where the newest is refused, an older one is read from: more commits, that end alike.
    if let afterCheckpoint {
      guard whole.commits.count >= afterCheckpoint.count,
        Array(whole.commits.suffix(afterCheckpoint.count)) == afterCheckpoint
      else { return "after a checkpoint, other commits are read" }
    }
    if let durable, durable != whole.durable {
      guard let was = whole.durable, durable.sequence.next == was.sequence else { return "HEAD names another commit" }
    }
    for cursor in cursors where !whole.cursors.contains(cursor) { return "a cursor is not as it was written" }
    guard cursors.count + damagedCursors == whole.cursors.count || isReported else { return "a cursor is missing" }
    if let touching {
      for (found, needed) in zip(touching, whole.touching!) {
        guard Set(found).isSuperset(of: needed.filter { $0 <= last }), Set(found).isSubset(of: needed) else {
          return "the index hides a commit, or makes one up"
        }
      }
    }
    return nil
  }
}

/// A sum over what a commit says. It only has to differ where that does.
struct Digest {
  private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func add(_ number: UInt64) {
    value = (value ^ number) &* 0xFF51_AFD7_ED55_8CCD
    value ^= value >> 32
  }

  mutating func add(_ changes: ChangeSet) {
    for object in changes.objects {
      add(object.id.rawValue)
      add(UInt64(object.facts.rawValue) << 32 | UInt64(object.attributes.mode))
      add(UInt64(object.attributes.uid) << 32 | UInt64(object.attributes.gid))
      add(object.attributes.sizeBytes ^ object.attributes.device)
      for time in [object.attributes.modified, object.changed] {
        add(UInt64(bitPattern: time.seconds))
        add(UInt64(time.nanoseconds))
      }
      add(UInt64(bitPattern: object.drainedSeconds))
      for slice in [object.key, object.target, object.extendedAttributes] { add(slice, changes) }
      for link in changes.links(of: object) {
        add(link.parent.rawValue << 1 | (link.isGained ? 1 : 0))
        add(link.name, changes)
      }
    }
  }

  private mutating func add(_ slice: ChangeSet.Slice, _ changes: ChangeSet) {
    changes.withBytes(slice) { bytes in
      add(UInt64(bytes.count))
      for byte in bytes { add(UInt64(byte)) }
    }
  }
}
