extension Duration {
  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
  ]

  /// The duration in a text such as `250ms`, `5s`, `1.5h` or `30d`; a bare 0 needs no unit. nil when
  /// it is none, is negative, or is longer than 100 years.
  public init?(text: String) {
    if text == "0" {
      self = .zero
      return
    }
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unitName = text.dropFirst(digits.count)
    guard let unit = Self.units.first(where: { $0.name == unitName }),
      let number = Double(digits), number >= 0
    else { return nil }
    let nanoseconds = number * Double(unit.nanoseconds)
    guard nanoseconds <= 3.2e18 else { return nil }
    self = .nanoseconds(Int64(nanoseconds.rounded()))
  }

  /// The shortest text that says it, in whole numbers: `1500ms`, `5s`.
  public var text: String {
    let nanoseconds =
      components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    if nanoseconds == 0 { return "0" }
    let unit = Self.units.last { nanoseconds % $0.nanoseconds == 0 } ?? Self.units[0]
    return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
  }
}
