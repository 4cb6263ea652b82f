/// What `scrub` is asked to do. Paths are absolute.
public struct ScrubRequest: Sendable {
  public var destination: [UInt8]
  /// The journal that it follows; nil looks for it among those known on this machine.
  public var journal: [UInt8]?
  /// Where the source is now; nil where the journal says.
  public var source: [UInt8]?
  /// How many bytes are read in a second at most.
  public var bytesPerSecond: UInt64?
  /// Otherwise what is found is only told.
  public var repairs = true

  public init(destination: [UInt8]) { self.destination = destination }
}

/// What a scrub has found, as a person is told it.
public struct ScrubLine: Sendable, Equatable {
  /// From the destination's root, without a leading `/`; `.` for the root.
  public var path: [UInt8]
  /// One word that scripts may rely on, such as `rotted` or `missing`.
  public var found: String
  public var isRepaired: Bool
  /// What a person is told.
  public var message: String
}
