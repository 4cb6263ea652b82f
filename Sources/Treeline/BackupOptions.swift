import Exclusion

/// What `backup` and `record` are asked to do. Paths are bytes.
public struct BackupOptions: Sendable {
  public var source: [UInt8]
  /// nil records only.
  public var destination: [UInt8]?
  /// The journal's directory.
  public var journal: [UInt8]
  /// How long a file is quiet before its content is taken.
  public var settle: Duration = .milliseconds(200)
  /// The longest that an unquiet file waits.
  public var maxDelay: Duration = .seconds(5)
  /// Brings the destination up to date, then ends.
  public var once = false
  /// Takes over a destination that is not empty and not ours yet; nil refuses it.
  public var adopt: AdoptMode?
  public var sync: SyncMode = .commit
  /// How long what is replaced or removed is kept at the destination; nil for not at all.
  public var versions: Duration? = .seconds(30 * 86_400)
  /// How much room that may take at the destination; nil for all there is.
  public var versionsBytes: SizeBound?
  /// Halts rather than remove more of the tree than this share, in percent, at a stroke.
  public var maxDelete = 50
  /// How many percent of the time go into looking for changes that nothing announced; 0 for none.
  public var sweepPercent = 0.5
  /// How the source is marked.
  public var mark: MarkChoice = .auto
  /// What is mounted inside the source is a part of it.
  public var crossesFilesystems = false
  /// Records the process behind each change.
  public var who = false
  /// What is left out of the source.
  package var rules = ExclusionRules()
  /// How old the journal's history gets.
  public var retain: Duration = .seconds(30 * 86_400)
  /// How much the journal may take.
  public var retainBytes: SizeBound = .percentOfDisk(5)
  public var verbosity: Verbosity = .normal

  public init(source: [UInt8], destination: [UInt8]?, journal: [UInt8]) {
    self.source = source
    self.destination = destination
    self.journal = journal
  }
}

/// A bound on what something takes.
public enum SizeBound: Sendable, Equatable {
  case bytes(UInt64)
  /// Of the filesystem that it lies on.
  case percentOfDisk(Double)
}

/// How what is in a destination already is believed to be the source's.
public enum AdoptMode: String, Sendable, CaseIterable {
  /// By type, size and modification time.
  case times
  /// By content.
  case checksum
}

/// When what is written at a destination is made durable.
public enum SyncMode: String, Sendable, CaseIterable {
  /// With every commit.
  case commit
  /// When the kernel sees fit.
  case none
}

/// How much is said on standard error.
public enum Verbosity: Int, Sendable, Comparable {
  case quiet, normal, verbose

  public static func < (a: Verbosity, b: Verbosity) -> Bool { a.rawValue < b.rawValue }
}
