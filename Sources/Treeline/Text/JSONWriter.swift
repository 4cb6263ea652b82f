/// Writes one JSON text into one growing buffer; members appear in the order in which they are
/// written. See RFC 8259.
public struct JSONWriter: Sendable {
  public private(set) var bytes: [UInt8] = []
  /// Whether the next value or name stands first in its object or array.
  private var isFirst = true

  public init() {}

  /// Forgets all, and keeps the memory for the next line.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    isFirst = true
  }

  /// Ends the line.
  public mutating func newline() {
    bytes.append(0x0a)
    isFirst = true
  }

  /// An object as a value of its own, or in an array.
  public mutating func object(_ body: (inout JSONWriter) -> Void) {
    separate()
    enclose("{", "}", body)
  }

  public mutating func object(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
    key(name)
    enclose("{", "}", body)
  }

  public mutating func array(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
    key(name)
    enclose("[", "]", body)
  }

  public mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
    key(name)
    bytes.append(contentsOf: String(value).utf8)
  }

  public mutating func member(_ name: StaticString, _ value: Bool) {
    key(name)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// A number with at most three digits after the point.
  public mutating func member(_ name: StaticString, seconds value: Double) {
    key(name)
    let thousandths = Int64(max(-9e15, min(9e15, (value * 1000).rounded())))
    let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
    if thousandths < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(contentsOf: String(whole).utf8)
    if rest > 0 {
      let digits = String(rest)
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 3 - digits.utf8.count))
      bytes.append(contentsOf: digits.utf8)
    }
  }

  public mutating func member(_ name: StaticString, _ value: String) {
    key(name)
    quote(value.utf8)
  }

  public mutating func null(_ name: StaticString) {
    key(name)
    bytes.append(contentsOf: "null".utf8)
  }

  /// A path or name: its text, and where that is not all, the bytes beside it as `NAME_base64`.
  public mutating func path(_ name: StaticString, _ value: [UInt8]) {
    key(name)
    if value.allSatisfy({ $0 < 0x80 }) {
      quote(value)
      return
    }
    let text = String(decoding: value, as: UTF8.self)
    quote(text.utf8)
    guard !text.utf8.elementsEqual(value) else { return }
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: "_base64\":\"".utf8)
    bytes.append(contentsOf: base64(value))
    bytes.append(UInt8(ascii: "\""))
  }

  /// A text in an array.
  public mutating func element(_ value: String) {
    separate()
    quote(value.utf8)
  }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  private mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func enclose(
    _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ body: (inout JSONWriter) -> Void
  ) {
    bytes.append(UInt8(ascii: opening))
    isFirst = true
    body(&self)
    bytes.append(UInt8(ascii: closing))
    isFirst = false
  }

  private mutating func quote(_ text: some Sequence<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
      case 0x0a: bytes.append(contentsOf: "\\n".utf8)
      case 0..<0x20, 0x7f:
        let digits = String(byte, radix: 16)
        bytes.append(contentsOf: (digits.utf8.count == 1 ? "\\u000" : "\\u00").utf8)
        bytes.append(contentsOf: digits.utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
