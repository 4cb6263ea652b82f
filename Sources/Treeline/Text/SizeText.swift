/// A number of bytes as a person reads it: `512 B`, `1.5 MiB`.
public func sizeText(_ bytes: UInt64) -> String {
  let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  var unit = 0
  var tenths = bytes
  if bytes < 1024 { return "\(bytes) B" }
  var whole = bytes
  while whole >= 1024 {
    tenths = whole % 1024 * 10 / 1024
    whole /= 1024
    unit += 1
  }
  return whole < 10 ? "\(whole).\(tenths) \(units[unit])" : "\(whole) \(units[unit])"
}
