/// One component of a path: 1 to 255 bytes, none of them NUL or `/`, and neither `.` nor `..`.
///
/// Names are bytes from end to end; only the command line turns them into text.
public struct Name: Hashable, Comparable, Sendable {
  public let bytes: [UInt8]

  public static let byteCountMax = 255

  /// - Precondition: the bytes are a legal name; names from outside pass `isLegal` first.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public init(_ text: String) { bytes = Array(text.utf8) }

  /// Whether bytes from outside are a name: see `Name`.
  @inlinable
  public static func isLegal(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 1, bytes.count <= byteCountMax else { return false }
    if bytes[0] == 0x2e && (bytes.count == 1 || (bytes.count == 2 && bytes[1] == 0x2e)) {
      return false
    }
    for byte in bytes where byte == 0 || byte == 0x2f { return false }
    return true
  }

  public static func < (a: Name, b: Name) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }
}

/// A name in a directory: what a hard link is.
public struct Link: Hashable, Sendable {
  public var parent: ObjectID
  public var name: Name

  public init(_ parent: ObjectID, _ name: Name) {
    self.parent = parent
    self.name = name
  }
}
