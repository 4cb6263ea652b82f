import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The directory of a journal: everything in it is opened by name, never through a link, and is a
/// regular file or refused.
final class JournalDirectory: Sendable {
  let descriptor: Descriptor
  let path: String

  /// - Throws: `notAJournal` when there is nothing; `insecure` where root would trust what others
  ///   can write.
  init(path bytes: [UInt8]) throws(JournalError) {
    path = String(decoding: bytes, as: UTF8.self)
    do throws(Errno) {
      descriptor = try withCString(bytes) { name throws(Errno) in
        try Descriptor.open(
          name, in: AT_FDCWD, .listPlace)
      }
    } catch .noSuchFileOrDirectory {
      throw .notAJournal(path)
    } catch .notDirectory {
      throw .notAJournal(path)
    } catch {
      throw .io(error, doing: "open", file: path)
    }
    try checkOwner()
  }

  /// A directory within another that is open already.
  init(_ descriptor: consuming Descriptor, path: String) throws(JournalError) {
    self.descriptor = descriptor
    self.path = path
    try checkOwner()
  }

  private func checkOwner() throws(JournalError) {
    let status: FileStatus
    do throws(Errno) { status = try FileStatus.of(descriptor.raw) } catch {
      throw .io(error, doing: "look at", file: path)
    }
    let user = geteuid()
    if user == 0, status.uid != 0 || status.mode & 0o022 != 0 { throw .insecure(path) }
  }

  /// Opens a file of the journal.
  func open(_ name: String, _ flags: Int32, mode: UInt32 = 0o600) throws(JournalError) -> Descriptor {
    do throws(Errno) {
      let file = try Descriptor.open(
        name, in: descriptor.raw,
        // Who only reads it writes nothing: an access time that moves is a write as any other.
        OpenFlags(rawValue: flags | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW).union(.keepingAccessTime),
        mode: mode)
      guard try FileStatus.of(file.raw).kind == .regular else {
        throw Errno.invalidArgument
      }
      return file
    } catch .invalidArgument {
      throw .damaged(Finding(file: name, offset: 0, sequence: nil, what: "it is not a regular file"))
    } catch .tooManySymbolicLinkLevels {
      throw .damaged(Finding(file: name, offset: 0, sequence: nil, what: "it is a symbolic link"))
    } catch {
      throw .io(error, doing: "open", file: name)
    }
  }

  /// A small file as a whole; nil when it is not there.
  func read(_ name: String, limit: Int) throws(JournalError) -> [UInt8]? {
    let file: Descriptor
    do throws(JournalError) { file = try open(name, O_RDONLY) } catch {
      if case .io(.noSuchFileOrDirectory, _, _) = error { return nil }
      throw error
    }
    do throws(Errno) { return try FileBytes.readAll(file.raw, limit: limit) } catch {
      throw .io(error, doing: "read", file: name)
    }
  }

  /// The numbers of all files with an ending, ascending: their names are 20 digits and the ending.
  func numbers(ending: String) throws(JournalError) -> [Sequence] {
    var found: [Sequence] = []
    try forEachName { name in
      if let number = Self.number(name, ending) { found.append(number) }
    }
    return found.sorted()
  }

  /// The names, without their ending, of all files with an ending, in order.
  ///
  /// - Throws: `damaged` when there are more than `limit`.
  func names(ending: String, limit: Int) throws(JournalError) -> [String] {
    var found: [String] = []
    try forEachName { name in
      if name.hasSuffix(ending), found.count <= limit {
        found.append(String(name.dropLast(ending.utf8.count)))
      }
    }
    guard found.count <= limit else {
      throw .damaged(
        Finding(
          file: path, offset: 0, sequence: nil,
          what: "it has more than \(limit) files that end in \(ending)"))
    }
    return found.sorted()
  }

  private func forEachName(_ body: (String) -> Void) throws(JournalError) {
    do throws(Errno) {
      let list = try Descriptor.open(".", in: descriptor.raw, .list)
      let reader = DirectoryReader()
      var failure: Errno? = nil
      do throws(DirectoryError<Never>) {
        try reader.forEach(in: list.raw) { name, _, _ in body(String(cString: name)) }
      } catch {
        if case .reading(let code) = error { failure = code }
      }
      if let failure { throw failure }
    } catch {
      throw .io(error, doing: "list", file: path)
    }
  }

  static func name(_ number: Sequence, ending: String) -> String {
    let digits = String(number.rawValue)
    return String(repeating: "0", count: 20 - digits.count) + digits + ending
  }

  private static func number(_ name: String, _ ending: String) -> Sequence? {
    guard name.utf8.count == 20 + ending.utf8.count, name.hasSuffix(ending) else { return nil }
    let digits = name.prefix(20)
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return UInt64(digits).flatMap { $0 <= FrameLayout.sequenceMax ? Sequence($0) : nil }
  }

  /// Gives a file, whole and synced, its name, and makes that durable.
  func rename(_ name: String, to final: String) throws(JournalError) {
    do throws(Errno) {
      try Names.rename(name, in: descriptor.raw, to: final, in: descriptor.raw, replacing: true)
    } catch {
      throw .io(error, doing: "name", file: final)
    }
    try sync()
  }

  /// Makes the directory's own name durable, where the one above it can be opened.
  func syncParent() {
    guard let parent = try? Descriptor.open("..", in: descriptor.raw, .list) else { return }
    try? FileBytes.sync(parent.raw)
  }

  /// Makes the names in the directory durable.
  func sync() throws(JournalError) {
    do throws(Errno) { try FileBytes.sync(descriptor.raw) } catch {
      throw .io(error, doing: "sync", file: path)
    }
  }

  static let segmentEnding = ".tlj"
  static let checkpointEnding = ".checkpoint"
  static let cursorEnding = ".cursor"
  static let indexEnding = ".index"
  static let checkpointIndexEnding = ".checkpoint-index"
}
