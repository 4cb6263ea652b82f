import Fanotify
import Foundation
import TestSupport

/// The yardstick of who can be known at all: a group that reports processes, read by a thread that does nothing
/// but look up, at once, who did it.
///
/// It has no reports of how processes begin: of one that has ended before its event is read it knows nothing.
final class EagerReader: @unchecked Sendable {
  private let root: Descriptor
  private let group: NotificationGroup
  private let stopping = Pipe()
  private let ended = DispatchSemaphore(value: 0)
  /// The programs behind each name in a directory, one that is not known left out. The thread alone uses it until
  /// it has ended.
  private var programs: [String: Set<String>] = [:]
  private var trouble: (any Error)?

  /// Watches the filesystem that a directory is on, from now on.
  init(at directory: String) throws {
    let opened = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw TestSupportError("\(directory): \(String(cString: strerror(errno)))") }
    root = Descriptor(owning: opened)
    group = try NotificationGroup([.directoryNameTarget, .processDescriptor])
    try group.watch(
      .filesystem, for: [.create, .delete, .rename, .modify, .attributes, .closeWrite, .onDirectory], at: root.raw)
    let thread = Thread { [self] in
      do { try readAll() } catch { trouble = error }
      ended.signal()
    }
    thread.start()
  }

  /// Reads what is still queued, and ends.
  ///
  /// - Returns: the programs that are known to have done something to each name.
  func stop() throws -> [String: Set<String>] {
    stopping.fileHandleForWriting.write(Data([0]))
    guard ended.wait(timeout: .now() + 60) == .success else { throw TestSupportError("the eager reader hangs") }
    if let trouble { throw trouble }
    return programs
  }

  private func readAll() throws {
    // As little as can be: each event of a read waits for those before it.
    var buffer = EventBuffer(capacity: EventBuffer.capacityMin)
    while true {
      // Asked before it reads: what was queued before the end was asked for is read.
      var entries = [
        pollfd(fd: group.raw, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stopping.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0),
      ]
      poll(&entries, 2, -1)
      while try group.read(into: &buffer) > 0 {
        var events = buffer.events
        while let event = try events.next() {
          guard let process = event.process, let program = program(of: process, event.pid), let name = event.name
          else { continue }
          programs[String(decoding: name, as: UTF8.self), default: []].insert(program)
        }
      }
      if entries[1].revents != 0 { return }
    }
  }

  /// The name of the program that a process runs; nil where it is gone.
  private func program(of process: EventProcess, _ pid: Int32) -> String? {
    guard case .descriptor = process else { return nil }
    var path = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/\(pid)/exe", &path, path.count)
    // It is true of this process if that has not ended yet.
    guard count > 0, !process.hasExited else { return nil }
    return String(decoding: path[..<count], as: UTF8.self).split(separator: "/").last.map(String.init)
  }
}
