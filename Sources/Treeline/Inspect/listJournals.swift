import Glibc
import Journal
import LinuxSystem
import SystemPackage
import Tree

/// A journal that is known on this machine.
public struct ListedJournal: Sendable {
  /// What `JournalPlace.find` takes: the name in the usual place, otherwise the path.
  public var name: [UInt8]
  public var path: [UInt8]
  /// The source when the journal was made; nil when the journal cannot be read.
  public var source: [UInt8]?
  public var last: Sequence?
  public var sizeBytes: UInt64 = 0
  /// Whether a program writes it now.
  public var isRunning = false
  /// Why it cannot be read.
  public var problem: String?
}

/// Finds the journals that are known on this machine: those in the usual place, and those that
/// a program writes now.
public func listJournals() -> [ListedJournal] {
  let running = ControlClient.all().compactMap { try? $0.status().journal }
  var found: [ListedJournal] = []
  let place = JournalPlace.directory
  for name in (try? entries(of: place)) ?? [] {
    let path = place + [0x2f] + name
    if let listed = look(path, name: name, running) { found.append(listed) }
  }
  for path in running where !path.isEmpty && !found.contains(where: { $0.path == path }) {
    if let listed = look(path, name: path, running) { found.append(listed) }
  }
  return found
}

/// What stands at a path; nil when it is no journal.
private func look(_ path: [UInt8], name: [UInt8], _ running: [[UInt8]]) -> ListedJournal? {
  var listed = ListedJournal(name: name, path: path)
  listed.isRunning = running.contains(path)
  do throws(JournalError) {
    let reader = try JournalReader.open(at: path)
    listed.source = reader.source.path
    listed.last = try reader.durable().sequence
  } catch {
    if case .notAJournal = error { return nil }
    listed.problem = TreelineError(error, journal: path).why
  }
  listed.sizeBytes = (try? size(of: path)) ?? 0
  return listed
}

private func entries(of path: [UInt8]) throws -> [[UInt8]] {
  let directory = try withCString(path) { text throws(Errno) in
    try Descriptor.open(text, in: AT_FDCWD, .listPlace)
  }
  var names: [[UInt8]] = []
  let reader = DirectoryReader()
  try reader.forEach(in: directory.raw) { (name, _, kind) throws(Errno) in
    guard kind == .directory || kind == .unknown else { return }
    names.append(Array(UnsafeRawBufferPointer(start: name, count: strlen(name))))
  }
  return names.sorted { $0.lexicographicallyPrecedes($1) }
}

/// The space that the files in a directory take.
private func size(of path: [UInt8]) throws -> UInt64 {
  let directory = try withCString(path) { text throws(Errno) in
    try Descriptor.open(text, in: AT_FDCWD, .listPlace)
  }
  var bytes: UInt64 = 0
  let reader = DirectoryReader()
  try reader.forEach(in: directory.raw) { (name, _, _) throws(Errno) in
    bytes += try FileStatus.of(name, in: directory.raw).blocks * 512
  }
  return bytes
}
