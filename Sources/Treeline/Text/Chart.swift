/// Small charts of block characters, one line high.
public enum Chart {
  /// A column for each value, as high as it is beside the largest; nothing for 0.
  public static func columns(_ values: [UInt64]) -> String {
    let most = values.max() ?? 0
    var text = ""
    for value in values {
      guard value > 0 else {
        text += " "
        continue
      }
      // U+2581 is one eighth of a cell, U+2588 the whole.
      let eighths = 1 + UInt32(Double(value) / Double(most) * 7)
      text.unicodeScalars.append(Unicode.Scalar(0x2580 + min(8, eighths))!)
    }
    return text
  }

  /// A bar of `width` cells for `most`, of which `value` has its part, and blanks for the rest.
  public static func bar(_ value: UInt64, of most: UInt64, width: Int) -> String {
    guard most > 0, width > 0 else { return String(repeating: " ", count: max(0, width)) }
    let part = min(1, Double(value) / Double(most))
    let eighths = max(value > 0 ? 1 : 0, Int(part * Double(width * 8)))
    var text = String(repeating: "█", count: eighths / 8)
    // U+2589 is seven eighths of a cell from the left, U+258F one.
    if eighths % 8 > 0 { text.unicodeScalars.append(Unicode.Scalar(0x2590 - UInt32(eighths % 8))!) }
    return text + String(repeating: " ", count: width - (eighths + 7) / 8)
  }
}
