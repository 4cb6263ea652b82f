/// Carries arguments, which are bytes, through a parser that knows only text, without a loss.
///
/// Bytes that are not UTF-8 become scalars of a private-use plane, U+10FF00 and the byte; so do the
/// bytes of scalars that stand in that very range.
public enum ArgumentText {
  private static let base: UInt32 = 0x10ff00

  /// The text that stands for an argument.
  public static func text(_ bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while let first = rest.first {
      let (scalar, count) = firstScalar(rest)
      if let scalar, scalar.value < base {
        text.unicodeScalars.append(scalar)
        rest = rest.dropFirst(count)
      } else {
        text.unicodeScalars.append(Unicode.Scalar(base + UInt32(first))!)
        rest = rest.dropFirst()
      }
    }
    return text
  }

  /// The argument that a text stands for.
  public static func bytes(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if scalar.value >= base {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar)!)
      }
    }
    return bytes
  }
}
