extension SizeBound {
  private static let units: [(name: String, bytes: Double)] = [
    ("", 1), ("K", 1024), ("M", 1_048_576), ("G", 1_073_741_824), ("T", 1_099_511_627_776),
  ]

  /// The bound in a text such as `512M`, `10G`, `1.5T` or `5%`; units are powers of 1024. nil when it is
  /// none, is negative, or is more than 100 % or 2^62 bytes.
  public init?(text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits) else { return nil }
    let unitName = text.dropFirst(digits.count)
    if unitName == "%" {
      guard number <= 100 else { return nil }
      self = .percentOfDisk(number)
      return
    }
    guard let unit = Self.units.first(where: { $0.name == unitName.uppercased() }),
      number * unit.bytes <= 0x1p62
    else { return nil }
    self = .bytes(UInt64(number * unit.bytes))
  }

  /// As short as it can be said.
  public var text: String {
    switch self {
    case .percentOfDisk(let percent):
      return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
    case .bytes(let bytes):
      let unit = Self.units.last { bytes > 0 && bytes % UInt64($0.bytes) == 0 } ?? Self.units[0]
      return "\(bytes / UInt64(unit.bytes))\(unit.name)"
    }
  }
}
