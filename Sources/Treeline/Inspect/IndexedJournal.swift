import Journal
import Tree

/// A journal of which only those commits are read that an index names.
struct IndexedJournal {
  let reader: JournalReader
  private let index: JournalIndex
  private let path: [UInt8]
  /// Of the tree that the journal begins with, where that is not the empty one.
  private let beginning: CheckpointIndex?

  init(_ path: [UInt8]) throws(TreelineError) {
    self.path = path
    do throws(JournalError) {
      reader = try JournalReader.open(at: path)
      index = try JournalIndex(at: path)
      beginning = try CheckpointIndex(at: path, of: reader)
    } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// Bytes of content, decompressed, that were read so far.
  var plainBytes: UInt64 { reader.plainBytes + index.plainBytes }

  /// The last commit that a crash cannot take back.
  func durable() throws(TreelineError) -> Cursor {
    do throws(JournalError) { return try reader.durable() } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// Gives the tree that the journal begins with, piece by piece, where that is not the empty one nor indexed.
  func begin(_ body: (ChangeSet) -> Void) throws(TreelineError) {
    guard reader.oldest.sequence > .zero, beginning == nil else { return }
    do throws(JournalError) {
      guard let checkpoint = try reader.checkpoint(atOrBefore: reader.oldest.sequence) else { return }
      var changes = ChangeSet()
      while try checkpoint.next(&changes) { body(changes) }
    } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// Gives of the tree that the journal begins with, where that is indexed, what has any of some keys, and
  /// more.
  ///
  /// - Parameter wanted: takes only what is said of these objects' names.
  /// - Returns: false where the index is of no use.
  func begin(
    with keys: [IndexKey], only wanted: ObjectFilter? = nil, _ body: (ChangeSet) -> Void
  ) throws(TreelineError) -> Bool {
    guard let beginning else { return true }
    guard let places = beginning.places(of: keys) else { return false }
    do throws(JournalError) {
      for place in places {
        var changes = ChangeSet()
        var isThere = false
        if let wanted {
          isThere = try beginning.pick(wanted, from: place, into: &changes)
        } else {
          isThere = try beginning.read(place, into: &changes)
        }
        guard isThere else { return false }
        body(changes)
      }
    } catch {
      throw TreelineError(error, journal: path)
    }
    return true
  }

  /// The commits that have any of some keys, oldest first; nil where the index is of no use.
  func hits(of keys: [IndexKey]) throws(TreelineError) -> [JournalIndex.Hit]? {
    do throws(JournalError) { return try index.hits(of: keys) } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// The place of a commit, or of the last before it; nil where the index is of no use.
  func place(atOrBefore sequence: Sequence) throws(TreelineError) -> CommitPlace? {
    do throws(JournalError) { return try index.place(atOrBefore: sequence) } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// Reads a commit; false where it is not where the index says.
  func read(_ place: CommitPlace, _ commit: inout Commit) throws(TreelineError) -> Bool {
    do throws(JournalError) { return try reader.read(place, &commit) } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// Reads the commit after the last; false at the journal's end.
  func next(_ commit: inout Commit) throws(TreelineError) -> Bool {
    do throws(JournalError) { return try reader.next(&commit) } catch {
      throw TreelineError(error, journal: path)
    }
  }

  /// Reads what a commit says of some objects' names; false where it is not where the index says.
  func pick(
    _ wanted: ObjectFilter, from place: CommitPlace, into changes: inout ChangeSet
  ) throws(TreelineError) -> Bool {
    do throws(JournalError) { return try reader.pick(wanted, from: place, into: &changes) } catch {
      throw TreelineError(error, journal: path)
    }
  }
}
