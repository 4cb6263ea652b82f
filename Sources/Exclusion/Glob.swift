/// What one name must look like: a sequence of tokens, none of which crosses a slash.
struct Glob: Sendable, Hashable {
  enum Token: Sendable, Hashable {
    /// This byte.
    case byte(UInt8)
    /// Any one byte: `?`.
    case one
    /// Any bytes, or none: `*`.
    case run
    /// One byte of these: `[…]`.
    case oneOf(ByteSet)
  }

  var tokens: [Token] = []
}

/// One part of a pattern that has a slash in it.
enum PathPart: Sendable, Hashable {
  /// One name.
  case name(Glob)
  /// Names of any number of directories: `**/` at the start or between slashes.
  case directories
  /// At least one name, and all that is beneath it: `/**` at the end.
  case everything
}
