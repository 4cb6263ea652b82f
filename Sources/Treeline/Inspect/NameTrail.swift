import Journal
import Tree

/// What a journal says of the names of a few objects, and of the directories that they were ever in: all
/// that their paths are made of.
struct NameTrail {
  /// What a commit says of some of the objects.
  struct Piece {
    /// The commit's first number.
    var sequence: Sequence
    var changes: ChangeSet
  }

  /// In the order of their commits.
  var pieces: [Piece] {
    found.enumerated().sorted { ($0.element.sequence, $0.offset) < ($1.element.sequence, $1.offset) }.map(\.element)
  }

  private let journal: IndexedJournal
  /// Only what was before this commit is looked for; nil looks for all.
  private let limit: Sequence?
  private var found: [Piece] = []
  private var known: Set<ObjectID> = [.root]

  /// Trees in which so many directories lead to a few objects are read as a whole.
  private static let objectCountMax = 4_096

  init(_ journal: IndexedJournal, before limit: Sequence? = nil) {
    self.journal = journal
    self.limit = limit
  }

  /// Takes in what is said of some objects, and of all directories that they were in.
  ///
  /// - Parameters:
  ///   - withAttributes: takes in the last word on their modes and owners as well.
  ///   - isKept: otherwise only that of the directories is.
  ///   - table: says in which directories they were when the journal began.
  /// - Returns: false where the index is of no use.
  mutating func follow(
    _ objects: Set<ObjectID>, withAttributes: Bool = false, isKept: Bool = true, _ table: PathTable
  ) throws(TreelineError) -> Bool {
    var next = objects.subtracting(known)
    var isFirst = true
    while !next.isEmpty {
      known.formUnion(next)
      guard known.count <= Self.objectCountMax else { return false }
      var parents: Set<ObjectID> = []
      for id in next { parents.formUnion(table.parents(of: id)) }
      let places = try places(next, withAttributes: withAttributes && isFirst)
      guard let places else { return false }
      let filter = ObjectFilter(next)
      let isBegun = try journal.begin(with: next.map { .names(of: $0) }, only: filter) { changes in
        for link in changes.links { parents.insert(link.parent) }
        found.append(Piece(sequence: .zero, changes: changes))
      }
      guard isBegun else { return false }
      for place in places {
        var changes = ChangeSet()
        // The index says that one of them is in it.
        guard try journal.pick(filter, from: place, into: &changes), !changes.isEmpty else { return false }
        for link in changes.links { parents.insert(link.parent) }
        if isKept || !isFirst { found.append(Piece(sequence: place.sequence, changes: changes)) }
      }
      next = parents.subtracting(known)
      isFirst = false
    }
    return true
  }

  /// The commits that say where objects were, and the last that says anything of each.
  private func places(
    _ objects: Set<ObjectID>, withAttributes: Bool
  ) throws(TreelineError) -> [CommitPlace]? {
    let keys = objects.map { withAttributes ? IndexKey.object($0) : .names(of: $0) }
    guard var hits = try journal.hits(of: keys) else { return nil }
    if let limit { hits.removeAll { $0.place.sequence >= limit } }
    var last: [Int: Sequence] = [:]
    for hit in hits { last[hit.key] = hit.place.sequence }
    let places = hits.filter { $0.isOfNames || $0.place.sequence == last[$0.key] }.map(\.place)
    return Set(places).sorted()
  }
}
