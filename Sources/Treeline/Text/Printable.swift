/// The text that shows bytes to a person so that no two byte strings look the same and nothing in
/// them acts on a terminal.
///
/// Valid UTF-8 stays; `\` becomes `\\`, newline `\n`, tab `\t`; bytes that are not UTF-8, control
/// characters, invisible and direction-changing ones, and the arrow that separates the names of a
/// rename become `\xHH` for each byte.
public func printable(_ bytes: some Collection<UInt8>) -> String {
  // Most names need no look at each of their characters.
  if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) {
    return String(decoding: bytes, as: UTF8.self)
  }
  var text = ""
  text.reserveCapacity(bytes.count)
  var rest = bytes[...]
  while let first = rest.first {
    switch first {
    case UInt8(ascii: "\\"): text += "\\\\"
    case UInt8(ascii: "\n"): text += "\\n"
    case UInt8(ascii: "\t"): text += "\\t"
    case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(first))
    case 0..<0x80: text += hexadecimal(first)
    default:
      let (scalar, count) = firstScalar(rest)
      if let scalar, isShown(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        for byte in rest.prefix(count) { text += hexadecimal(byte) }
      }
      rest = rest.dropFirst(count)
      continue
    }
    rest = rest.dropFirst()
  }
  return text
}

/// The scalar that bytes start with and the number of bytes it takes; nil and 1 when they start
/// with none.
func firstScalar(_ bytes: some Collection<UInt8>) -> (Unicode.Scalar?, Int) {
  var iterator = bytes.prefix(4).makeIterator()
  var decoder = UTF8()
  guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return (nil, 1) }
  return (scalar, UTF8.width(scalar))
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
}

/// U+2192 is the arrow between the two names of a rename.
private func isShown(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.value == 0x2192 { return false }
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
    return false
  case .spaceSeparator:
    return false
  default:
    return true
  }
}
