private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// The standard encoding with padding, RFC 4648 section 4.
public func base64(_ bytes: [UInt8]) -> [UInt8] {
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  var at = 0
  while at < bytes.count {
    let count = min(3, bytes.count - at)
    var group = UInt32(bytes[at]) << 16
    if count > 1 { group |= UInt32(bytes[at + 1]) << 8 }
    if count > 2 { group |= UInt32(bytes[at + 2]) }
    for position in 0..<4 {
      text.append(
        position <= count ? alphabet[Int(group >> (18 - 6 * UInt32(position)) & 63)] : 0x3d)
    }
    at += 3
  }
  return text
}

/// The bytes that a text of `base64(_:)` stands for; nil when it is none.
public func bytes(base64 text: some Collection<UInt8>) -> [UInt8]? {
  guard text.count % 4 == 0 else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.count / 4 * 3)
  var group: UInt32 = 0
  var digits = 0
  var padding = 0
  for character in text {
    if character == 0x3d {
      padding += 1
      group <<= 6
    } else {
      guard padding == 0, let value = alphabet.firstIndex(of: character) else { return nil }
      group = group << 6 | UInt32(value)
    }
    digits += 1
    if digits % 4 == 0 {
      guard padding <= 2 else { return nil }
      let three = [UInt8(truncatingIfNeeded: group >> 16), UInt8(truncatingIfNeeded: group >> 8),
        UInt8(truncatingIfNeeded: group)]
      bytes.append(contentsOf: three.prefix(3 - padding))
      group = 0
    }
  }
  return bytes
}
