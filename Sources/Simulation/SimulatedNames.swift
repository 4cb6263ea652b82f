/// The names, link targets and extended attributes that a simulation takes from, by number.
enum SimulatedNames {
  /// Few, so that one name soon stands for another object. Bytes of all kinds are among them.
  static let all: [[UInt8]] = [
    Array("a".utf8), Array("b".utf8), Array("c".utf8), Array("-".utf8), [0xff, 0xfe],
    Array("new\nline".utf8), Array(".hidden".utf8), Array(".treeline~x".utf8), Array("...".utf8),
    Array("1.new".utf8), Array(repeating: 0x6e, count: 255), Array("%s".utf8),
  ]
  /// The name of an event on a directory itself.
  static let dot: UInt8 = 254
  static let none: UInt8 = 255

  static let targets: [[UInt8]] = [
    Array("a".utf8), Array("../..".utf8), Array("/".utf8), Array(repeating: 0x74, count: 300),
  ]

  static let attributeCount = 12

  /// Extended attributes, encoded: each of two has one of a few values, or is missing.
  static let attributes: [[UInt8]] = (0..<attributeCount).map { number in
    encoded("user.a", number % 4) + encoded("user.b", number / 4)
  }

  private static func encoded(_ name: String, _ value: Int) -> [UInt8] {
    if value == 0 { return [] }
    let value = [UInt8](repeating: UInt8(value), count: value * 3)
    return [UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.count), 0, 0, 0] + value
  }
}
