/// A number of 16 bytes as it is written in files and names.
func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Reads what `hexadecimal` writes of 16 bytes; nil for anything else.
func number(hexadecimal digits: ArraySlice<UInt8>) -> [UInt8]? {
  guard digits.count == 32 else { return nil }
  var bytes: [UInt8] = []
  var rest = digits
  while let high = rest.popFirst(), let low = rest.popFirst() {
    guard let a = digit(high), let b = digit(low) else { return nil }
    bytes.append(a << 4 | b)
  }
  return bytes
}

private func digit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x61...0x66: byte - 0x57
  default: nil
  }
}
