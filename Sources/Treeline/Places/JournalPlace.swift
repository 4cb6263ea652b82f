import Glibc
import LinuxSystem
import SystemPackage

/// Where journals are kept, and how each is called.
public enum JournalPlace {
  /// The directory that holds the journals: `$STATE_DIRECTORY` under systemd, root's
  /// `/var/lib/treeline`, or another user's `${XDG_STATE_HOME:-~/.local/state}/treeline`.
  public static var directory: [UInt8] {
    if let given = getenv("STATE_DIRECTORY"), given[0] == 0x2f {
      // systemd separates several with colons.
      return Array(bytes(given).prefix { $0 != 0x3a })
    }
    if geteuid() == 0 { return Array("/var/lib/treeline".utf8) }
    if let given = getenv("XDG_STATE_HOME"), given[0] == 0x2f {
      return bytes(given) + Array("/treeline".utf8)
    }
    let home = getenv("HOME").map { bytes($0) } ?? []
    return home + Array("/.local/state/treeline".utf8)
  }

  /// The name of the journal of a source: its path with `-` for `/`, and where that could be
  /// mistaken for another path, eight digits made from the path.
  ///
  /// - Parameter source: absolute.
  public static func name(source: [UInt8]) -> [UInt8] {
    let components = source.split(separator: 0x2f)
    if components.isEmpty { return Array("root".utf8) }
    var name: [UInt8] = []
    var isClear = true
    for component in components {
      if !name.isEmpty { name.append(0x2d) }
      for byte in component {
        let isPlain = isPlain(byte)
        if !isPlain || byte == 0x2d { isClear = false }
        name.append(isPlain ? byte : 0x5f)
      }
    }
    if name[0] == 0x2e {
      name[0] = 0x5f
      isClear = false
    }
    // Room for the digits, and for what the journal appends.
    if name.count > 200 {
      name.removeLast(name.count - 200)
      isClear = false
    }
    if name == Array("root".utf8) { isClear = false }
    if isClear { return name }
    let digits = String(fingerprint(source), radix: 16)
    return name + [0x2d] + Array(String(repeating: "0", count: 8 - digits.count).utf8)
      + Array(digits.utf8)
  }

  /// The absolute path of what a person named, links and dots resolved as far as it exists.
  public static func absolute(_ path: [UInt8]) -> [UInt8] {
    if let real = withCString(path, { realpath($0, nil) }) {
      defer { free(real) }
      return bytes(real)
    }
    let whole = path.first == 0x2f ? path : workingDirectory + [0x2f] + path
    var components: [ArraySlice<UInt8>] = []
    for component in whole.split(separator: 0x2f) where !component.elementsEqual([0x2e]) {
      if component.elementsEqual([0x2e, 0x2e]) {
        _ = components.popLast()
      } else {
        components.append(component)
      }
    }
    return components.isEmpty ? [0x2f] : components.reduce([]) { $0 + [0x2f] + $1 }
  }

  /// Makes the directories above a journal that are missing: all may pass through root's.
  public static func makeParents(of journal: [UInt8]) throws(TreelineError) {
    let components = journal.split(separator: 0x2f)
    var path: [UInt8] = []
    for component in components.dropLast() {
      path += [0x2f] + component
      do throws(Errno) {
        try withCString(path) { text throws(Errno) in
          try Names.makeDirectory(text, in: AT_FDCWD, mode: geteuid() == 0 ? 0o755 : 0o700)
          // Whatever the umask says: clients find a running backup by looking at its journal.
          let made = try Descriptor.open(text, in: AT_FDCWD, .list)
          try AttributeCalls.setMode(made.raw, geteuid() == 0 ? 0o755 : 0o700)
        }
      } catch .fileExists {
      } catch {
        throw TreelineError(
          "make the directory", path: path, error,
          advice: "say with --journal where the journal may be")
      }
    }
  }

  /// The directory of the journal that a person named by its name or by its path.
  public static func find(_ given: [UInt8]) throws(TreelineError) -> [UInt8] {
    if !given.contains(0x2f) {
      let path = directory + [0x2f] + given
      if isDirectory(path) { return path }
    }
    guard isDirectory(given) else {
      throw TreelineError(
        "find the journal", path: given, why: "no directory and no journal has this name",
        advice: "`treeline journal list` shows those known")
    }
    return absolute(given)
  }

  private static func isDirectory(_ path: [UInt8]) -> Bool {
    withCString(path) { text in
      (try? Descriptor.open(text, in: AT_FDCWD, .given)) != nil
    }
  }

  /// Empty when it was removed.
  private static var workingDirectory: [UInt8] {
    guard let path = getcwd(nil, 0) else { return [] }
    defer { free(path) }
    return bytes(path)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
    default: false
    }
  }

  private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }

  /// FNV-1a with 32 bits: enough to tell a person's sources apart.
  private static func fingerprint(_ bytes: [UInt8]) -> UInt32 {
    bytes.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
