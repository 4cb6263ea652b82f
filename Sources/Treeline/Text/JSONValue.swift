/// A JSON text that was read. See RFC 8259.
///
/// It may come from anyone, so depth is bounded and nothing recurses without that bound.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  /// A whole number that fits.
  case integer(Int64)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Nothing that is exchanged nests deeper than 4.
  static let depthMax = 16

  /// The value of a complete JSON text; nil when it is none.
  public init?(_ text: [UInt8]) {
    var parser = Parser(text: text)
    guard let value = parser.value(depth: 0) else { return nil }
    parser.skipSpace()
    guard parser.at == text.count else { return nil }
    self = value
  }

  public subscript(name: String) -> JSONValue {
    if case .object(let members) = self { return members[name] ?? .null }
    return .null
  }

  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var elements: [JSONValue] { if case .array(let values) = self { values } else { [] } }

  public var unsigned: UInt64? {
    if case .integer(let value) = self { UInt64(exactly: value) } else { nil }
  }

  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The bytes of a path that `JSONWriter.path` wrote.
  public func path(_ name: String) -> [UInt8]? {
    if let exact = self[name + "_base64"].string { return bytes(base64: exact.utf8) }
    return self[name].string.map { Array($0.utf8) }
  }
}

private struct Parser {
  let text: [UInt8]
  var at = 0

  mutating func skipSpace() {
    while at < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[at]) { at += 1 }
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard at < text.count, text[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  mutating func take(word: StaticString) -> Bool {
    let word = word.withUTF8Buffer { Array($0) }
    guard text[at...].starts(with: word) else { return false }
    at += word.count
    return true
  }

  mutating func value(depth: Int) -> JSONValue? {
    skipSpace()
    guard at < text.count, depth < JSONValue.depthMax else { return nil }
    switch text[at] {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "\""): return string().map { .string($0) }
    case UInt8(ascii: "t"): return take(word: "true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return take(word: "false") ? .bool(false) : nil
    case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
    default: return number()
    }
  }

  mutating func object(depth: Int) -> JSONValue? {
    var members: [String: JSONValue] = [:]
    at += 1
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard at < text.count, text[at] == UInt8(ascii: "\""), let name = string(), take(":"),
        let member = value(depth: depth + 1)
      else { return nil }
      members[name] = member
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  mutating func array(depth: Int) -> JSONValue? {
    var elements: [JSONValue] = []
    at += 1
    if take("]") { return .array(elements) }
    repeat {
      guard let element = value(depth: depth + 1) else { return nil }
      elements.append(element)
    } while take(",")
    return take("]") ? .array(elements) : nil
  }

  mutating func number() -> JSONValue? {
    let start = at
    while at < text.count, "+-.0123456789eE".utf8.contains(text[at]) { at += 1 }
    let digits = String(decoding: text[start..<at], as: UTF8.self)
    if let whole = Int64(digits) { return .integer(whole) }
    guard let value = Double(digits), value.isFinite else { return nil }
    return .number(value)
  }

  mutating func string() -> String? {
    var bytes: [UInt8] = []
    at += 1
    while at < text.count {
      let byte = text[at]
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escape() else { return nil }
        bytes.append(contentsOf: UTF8.encode(scalar)!)
      case 0..<0x20: return nil
      default: bytes.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard at < text.count else { return nil }
    at += 1
    switch text[at - 1] {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "u"):
      guard let unit = unit() else { return nil }
      guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(UInt32(unit)) }
      guard take(word: "\\u"), let low = self.unit(), (0xdc00..<0xe000).contains(low) else {
        return nil
      }
      return Unicode.Scalar(0x10000 + (UInt32(unit) - 0xd800) << 10 + UInt32(low) - 0xdc00)
    case let other: return "\"\\/".utf8.contains(other) ? Unicode.Scalar(other) : nil
    }
  }

  private mutating func unit() -> UInt16? {
    guard at + 4 <= text.count else { return nil }
    let digits = text[at..<at + 4]
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    at += 4
    return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
