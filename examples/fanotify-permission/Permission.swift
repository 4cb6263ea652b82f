import Fanotify
import Glibc

/// Is asked before a file of one mount is opened, lets everybody in, and says who came; tells as well
/// of files that were written and closed. Ends when Enter is pressed.
@main
struct Permission {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      say("usage: fanotify-permission MOUNT")
      exit(2)
    }
    do {
      try listen(to: CommandLine.arguments[1])
    } catch {
      say(error)
      exit(1)
    }
  }

  private static func listen(to mount: String) throws {
    // Whoever scans content is asked once it is there.
    let group = try DescriptorGroup(.content)
    try group.watch(.mount, for: [.openPermission, .closeWrite], at: AT_FDCWD, path: mount)
    say("Listening to \(mount). Press Enter to stop.")

    var buffer = FileEventBuffer()
    while waitForMore(group) {
      while try group.read(into: &buffer) > 0 {
        while let event = try buffer.next() { try handle(event) }
      }
    }
    // The group goes here, and whoever still waits for an answer is let in.
    say("Listening stopped.")
  }

  /// Says what the event tells; the process that waits for an answer is let in.
  private static func handle(_ event: consuming FileEvent) throws {
    if event.mask.contains(.queueOverflow) { say("events were lost") }
    let path = path(of: event.file)
    if event.mask.contains(.closeWrite) { say("written: \(path) by process \(event.pid)") }
    guard event.awaitsAnswer else { return }
    say("opened: \(path) by process \(event.pid)")
    do throws(FanotifyError) {
      try event.answer(.allow)
    } catch {
      // Whoever asked was killed while it waited.
      guard error.errno == .noSuchFileOrDirectory else { throw error }
    }
  }

  /// A path that led to the file, or why there is none.
  private static func path(of file: EventFile) -> String {
    guard case .descriptor(let raw) = file else { return "(\(file))" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      let count = readlink("/proc/self/fd/\(raw)", buffer.baseAddress!, buffer.count)
      guard count >= 0 else { return "(unknown)" }
      return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }

  /// Waits for events; false once Enter was pressed, or nobody is there to press it.
  private static func waitForMore(_ group: borrowing DescriptorGroup) -> Bool {
    var entries = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: group.raw, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&entries, 2, -1) < 0, errno == EINTR {}
    return entries[0].revents == 0
  }

  /// Prints a line that comes out at once, also into a pipe.
  private static func say(_ line: Any) {
    print(line)
    fflush(nil)
  }
}
