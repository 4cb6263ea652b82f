import CLinux
import Glibc
import SystemPackage

/// The owner of an open file descriptor: it closes it when it goes.
public struct Descriptor: ~Copyable, Sendable {
  /// The number to hand to a call while the owner lives.
  public let raw: Int32

  /// Takes over a descriptor that nobody else closes.
  public init(owning raw: Int32) {
    precondition(raw >= 0, "a descriptor is never negative")
    self.raw = raw
  }

  deinit { close(raw) }

  /// Gives the descriptor away without closing it.
  public consuming func release() -> Int32 {
    let given = raw
    discard self
    return given
  }
}
