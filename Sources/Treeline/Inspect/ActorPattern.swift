import LinuxSystem

/// Which processes are meant: a glob over the program's name, its path or its unit, or `uid=N`,
/// `loginuid=N`, `pid=N`, `unit=GLOB`.
public struct ActorPattern: Sendable {
  private enum Meaning {
    case any(PathPattern)
    case unit(PathPattern)
    case user(UInt32)
    case loginUser(UInt32)
    case pid(Int32)
  }

  private let meaning: Meaning

  public init(_ text: [UInt8]) {
    meaning = Self.meaning(text) ?? .any(PathPattern(text))
  }

  private static func meaning(_ text: [UInt8]) -> Meaning? {
    guard let at = text.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let value = String(decoding: text[(at + 1)...], as: UTF8.self)
    switch String(decoding: text[..<at], as: UTF8.self) {
    case "unit": return .unit(PathPattern(Array(text[(at + 1)...])))
    case "uid": return UInt32(value).map { .user($0) }
    case "loginuid": return UInt32(value).map { .loginUser($0) }
    case "pid": return Int32(value).map { .pid($0) }
    default: return nil
    }
  }

  public func matches(_ process: ProcessRecord) -> Bool {
    let unit = Array(process.unit)
    switch meaning {
    case .any(let pattern):
      // Patterns are of paths from a root, without a leading slash.
      return !process.executable.isEmpty && pattern.matches(Array(process.executable.dropFirst()))
        || !process.commandName.isEmpty && pattern.matches(process.commandName)
        || !unit.isEmpty && pattern.matches(unit)
    case .unit(let pattern): return !unit.isEmpty && pattern.matches(unit)
    case .user(let uid): return process.uid == uid
    case .loginUser(let uid): return process.loginUID == uid
    case .pid(let pid): return process.pid == pid
    }
  }
}
