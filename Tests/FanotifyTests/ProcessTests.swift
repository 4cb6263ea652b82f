import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// Events that carry a descriptor of the process that caused them.
struct ProcessTests {
  static let options: NotificationGroup.Options = [.directoryNameTarget, .processDescriptor]

  /// What stands for the process of the one event that is queued, and the buffer that it is lent by.
  private func process(
    _ watched: borrowing WatchedFilesystem, into buffer: inout EventBuffer
  ) throws -> EventProcess? {
    guard try watched.group.read(into: &buffer) > 0 else { return nil }
    var events = buffer.events
    return try events.next()?.process
  }

  @Test func theProcessIsLentUntilTheNextRead() throws {
    if let reason = Filesystem.reasonToSkip(.tmpfs) { return announceSkip(#function, because: reason) }
    let watched = try WatchedFilesystem(.tmpfs, Self.options)
    var buffer = EventBuffer(capacity: EventBuffer.capacityMin)
    try Names.makeDirectory("d", in: watched.root.raw, mode: 0o755)
    let lent = try #require(try process(watched, into: &buffer))
    guard let kept = try lent.keep() else {
      Issue.record("no descriptor: \(lent)")
      return
    }
    #expect(!lent.hasExited)
    #expect(try owner(of: lent) == getpid())
    buffer.closeDescriptors()
    #expect(buffer.count == 0)
    // Another thread may have got the number since; it is no descriptor of this process then.
    #expect(try owner(of: lent) == nil)
    #expect(try owner(of: .descriptor(kept.raw)) == getpid())
  }

  @Test(arguments: [Self.options, Self.options.union(.errorNumbers)])
  func aProcessThatIsGoneIsSaidToBe(options: NotificationGroup.Options) throws {
    if let reason = Filesystem.reasonToSkip(.tmpfs) { return announceSkip(#function, because: reason) }
    let watched: WatchedFilesystem
    do throws(FanotifyError) {
      _ = try NotificationGroup(options)
    } catch {
      return announceSkip(#function, because: "Linux is too old: \(error)")
    }
    watched = try WatchedFilesystem(.tmpfs, options)
    var buffer = EventBuffer(capacity: EventBuffer.capacityMin)
    try succeed(["mkdir", watched.filesystem["d"]])
    #expect(try process(watched, into: &buffer) == .gone)
  }

  /// The process that a descriptor is of, as /proc/self/fdinfo says it.
  private func owner(of process: EventProcess) throws -> Int32? {
    guard case .descriptor(let raw) = process,
      let file = try? Descriptor.open(path: "/proc/self/fdinfo/\(raw)", O_RDONLY)
    else { return nil }
    let text = String(decoding: try FileBytes.readAll(file.raw, limit: 4096), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("Pid:") }
    return line.flatMap { Int32($0.split(separator: "\t").last ?? "") }
  }
}
