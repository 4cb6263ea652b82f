/// A number with a space between thousands, as ISO 80000 has it: `12 345`.
public func countText(_ number: UInt64) -> String {
  let digits = String(number)
  var text = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.utf8.count - place) % 3 == 0 { text += " " }
    text.append(digit)
  }
  return text
}

/// A span of time as a person reads it, in its two largest units: `3 h 12 min`.
public func spanText(seconds: Int64) -> String {
  if seconds < 60 { return "\(seconds) s" }
  if seconds < 3_600 { return "\(seconds / 60) min" + rest(seconds % 60, "s") }
  if seconds < 86_400 { return "\(seconds / 3_600) h" + rest(seconds % 3_600 / 60, "min") }
  return "\(seconds / 86_400) d" + rest(seconds % 86_400 / 3_600, "h")
}

private func rest(_ number: Int64, _ unit: String) -> String { number == 0 ? "" : " \(number) \(unit)" }
