import Glibc

/// The share of busy processors that a thread takes: all that it would get, or a third of it.
///
/// For the thread that makes it, and only used on that. See setpriority(2), which on Linux is of one thread.
public struct ThreadShare: ~Copyable {
  private static let which = Int32(bitPattern: PRIO_PROCESS.rawValue)
  /// Each step takes a fifth off.
  private static let step: Int32 = 5

  private let full: Int32
  private let isPermitted: Bool
  private var isReduced = false

  public init() {
    full = getpriority(Self.which, 0)
    // Who may not go up again must not go down.
    isPermitted = setpriority(Self.which, 0, full - 1) == 0 && setpriority(Self.which, 0, full) == 0
  }

  /// Lets others go first, or goes with them again.
  public mutating func reduce(_ reduced: Bool) {
    guard isPermitted, reduced != isReduced else { return }
    isReduced = reduced
    _ = setpriority(Self.which, 0, reduced ? min(19, full + Self.step) : full)
  }
}
