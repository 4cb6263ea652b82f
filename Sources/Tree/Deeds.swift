/// What a process did to an object, as the kernel reports it.
public struct Deeds: OptionSet, Hashable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// It gave it a name: by making it, or by a link.
  public static let create = Deeds(rawValue: 1)
  /// It took a name away.
  public static let remove = Deeds(rawValue: 2)
  public static let rename = Deeds(rawValue: 4)
  /// It wrote content, or set the size.
  public static let write = Deeds(rawValue: 8)
  /// It changed mode, owner, times, extended attributes or the number of links.
  public static let attributes = Deeds(rawValue: 16)
  /// It closed the file after it had been open for writing: whoever writes through a memory mapping is
  /// told of by this alone.
  public static let close = Deeds(rawValue: 32)
  /// It made, removed or renamed something in the directory.
  public static let entries = Deeds(rawValue: 64)

  /// Those that a version of treeline knows.
  public static let known: Deeds = [.create, .remove, .rename, .write, .attributes, .close, .entries]
}
