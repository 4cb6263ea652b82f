/// What `replay` is asked to do. Paths are absolute.
public struct ReplayRequest: Sendable {
  /// The journal's directory.
  public var journal: [UInt8]
  public var destination: [UInt8]
  /// Where the source is now; nil where the journal says.
  public var source: [UInt8]?
  /// The last commit at or before this is the last that is applied.
  public var until: Moment?
  public var dryRun = false
  /// Takes content that is newer than `until`.
  public var allowNewer = false
  public var adopt: AdoptMode?
  public var sync: SyncMode = .commit
  /// How long what is replaced or removed is kept at the destination; nil for not at all.
  public var versions: Duration? = .seconds(30 * 86_400)
  /// How much room that may take; nil for all there is.
  public var versionsBytes: SizeBound?
  /// The name of the cursor by which the journal keeps what this destination still needs.
  public var cursor: String?

  public init(journal: [UInt8], destination: [UInt8]) {
    self.journal = journal
    self.destination = destination
  }
}

/// One step of a replay as a person is told it.
public struct ReplayLine: Sendable, Equatable {
  /// `make`, `move`, `link`, `remove` and the like.
  public var operation: String
  /// From the destination's root, without a leading `/`.
  public var path: [UInt8]
  /// Where it was, of a move or a link.
  public var from: [UInt8]?
}
