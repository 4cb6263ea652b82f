import Treeline

/// Writes lines of a journal: columns for a person, tabs between them for a pipe (a name holds none,
/// it is escaped), or JSON.
struct LinePrinter {
  let isJSON: Bool
  private let isTerminal = Output.standard.isTerminal
  private let hasColour: Bool

  init(_ options: OutputOptions) { self.init(json: options.json) }

  init(json: Bool) {
    isJSON = json
    hasColour = Output.standard.isTerminal && environment("NO_COLOR").isEmpty
  }

  /// - Parameter sayingUnknown: says in words where it is not known who did it.
  func print(_ line: JournalLine, sayingUnknown: Bool = false) throws(TreelineError) {
    try Output.standard.write(bytes(line, sayingUnknown: sayingUnknown))
  }

  func print(_ version: PathHistory.Version) throws(TreelineError) {
    guard isJSON else {
      let text = text(version.columns, version.operations[0])
      return try Output.standard.write(Array((text + "\n").utf8))
    }
    var json = JSONWriter()
    version.write(to: &json)
    json.newline()
    try Output.standard.write(json.bytes)
  }

  func print(_ version: DestinationHistory.Version) throws(TreelineError) {
    guard isJSON else {
      let text = version.columns.joined(separator: isTerminal ? "  " : "\t")
      return try Output.standard.write(text + "\n")
    }
    var json = JSONWriter()
    version.write(to: &json)
    json.newline()
    try Output.standard.write(json.bytes)
  }

  func bytes(_ line: JournalLine, sayingUnknown: Bool = false) -> [UInt8] {
    if isJSON {
      var json = JSONWriter()
      line.write(to: &json)
      json.newline()
      return json.bytes
    }
    var columns = line.columns
    if sayingUnknown, line.object?.actors.isEmpty == true {
      if columns.count == 4 { columns.append("") }
      columns.append("unknown")
    }
    return Array((text(columns, line.operation) + "\n").utf8)
  }

  private func text(_ columns: [String], _ operation: Operation) -> String {
    guard isTerminal else { return columns.joined(separator: "\t") }
    // The longest operation of an object is `attributes`.
    let padding = String(repeating: " ", count: max(0, 10 - columns[2].count))
    var parts = columns
    parts[2] = coloured(columns[2], operation) + padding
    return parts.joined(separator: "  ")
  }

  private func coloured(_ text: String, _ operation: Operation) -> String {
    guard hasColour else { return text }
    let colour =
      switch operation {
      case .create, .link: "32"
      case .remove, .unlink: "31"
      case .rename: "36"
      case .write, .attributes: "33"
      default: "35"
      }
    return "\u{1b}[\(colour)m\(text)\u{1b}[0m"
  }
}
