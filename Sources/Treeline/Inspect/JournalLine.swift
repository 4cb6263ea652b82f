import LinuxSystem
import Tree

/// One thing that a commit says, as `journal show` shows it.
public struct JournalLine: Sendable, Equatable {
  public var sequence: Sequence
  public var time: Timestamp
  public var operation: Operation
  /// nil for marks.
  public var object: Object?
  /// What a mark says beside: which mount, which error.
  public var text: [UInt8] = []
  /// How many commits it is the net change of, up to the one with its number.
  public var commitCount: UInt64 = 1

  /// What it was done to.
  public struct Object: Sendable, Equatable {
    public var id: ObjectID
    public var kind: FileKind
    /// From the source's root, without a leading `/`.
    public var path: [UInt8]
    /// Where it was before, of a rename.
    public var from: [UInt8]?
    /// Of a regular file.
    public var sizeBytes: UInt64?
    /// Of a symbolic link that was created.
    public var target: [UInt8]?
    /// What is other than before, of `attributes`.
    public var changed: [AttributeKind] = []
    /// The processes that did it, as far as they were recorded.
    public var actors: [Actor] = []
  }

  /// The members of a line of `journal show --json`.
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("seq", sequence.rawValue)
      json.member("time", time.rfc3339)
      json.member("op", operation.rawValue)
      if commitCount > 1 { json.member("commits", commitCount) }
      if !text.isEmpty { json.path("text", text) }
      object?.writeMembers(&json)
    }
  }

  /// The columns of a line of `journal show`: number, local time, operation, path, what there is to say
  /// beside, and who did it, where that was recorded.
  public var columns: [String] {
    var columns = [String(sequence.rawValue), time.localText, operation.rawValue]
    if !text.isEmpty { columns.append(printable(text)) }
    guard let object else { return columns }
    let path = printable(object.path) + (object.kind == .directory ? "/" : "")
    columns.append(object.from.map { "\(printable($0)) → \(path)" } ?? path)
    if !object.changed.isEmpty {
      columns.append(object.changed.map(\.rawValue).joined(separator: ","))
    } else if let target = object.target {
      columns.append("to \(printable(target))")
    } else if let size = object.sizeBytes {
      columns.append(sizeText(size))
    } else if !object.actors.isEmpty {
      columns.append("")
    }
    if !object.actors.isEmpty { columns.append(object.actors.map(\.text).joined(separator: ", ")) }
    if commitCount > 1 { columns.append("net of \(commitCount) commits") }
    return columns
  }
}

extension JournalLine.Object {
  /// The members that tell of it in JSON.
  func writeMembers(_ json: inout JSONWriter) {
    if id != .none { json.member("id", id.rawValue) }
    if kind != .unknown { json.member("type", kind.word) }
    json.path("path", path)
    if let from { json.path("from", from) }
    if let sizeBytes { json.member("size", sizeBytes) }
    if let target { json.path("target", target) }
    if !changed.isEmpty {
      json.array("changed") { json in for kind in changed { json.element(kind.rawValue) } }
    }
    if !actors.isEmpty {
      json.array("who") { json in for actor in actors { actor.write(to: &json) } }
    }
  }
}

extension FileKind {
  /// As JSON names it.
  public var word: String {
    switch self {
    case .regular: "file"
    case .directory: "directory"
    case .symbolicLink: "symlink"
    case .fifo: "fifo"
    case .socket: "socket"
    case .characterDevice: "char"
    case .blockDevice: "block"
    case .unknown: "unknown"
    }
  }
}
