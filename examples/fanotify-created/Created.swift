import Fanotify
import Glibc

/// Tells what is created in a directory: by the directory's handle and the name, without a file being
/// opened by the kernel. Ends when Enter is pressed.
@main
struct Created {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      say("usage: fanotify-created DIRECTORY")
      exit(2)
    }
    do {
      try listen(to: CommandLine.arguments[1])
    } catch {
      say(error)
      exit(1)
    }
  }

  private static func listen(to path: String) throws {
    // Handles are opened through any directory of their filesystem.
    let root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw Errno(rawValue: errno) }
    defer { close(root) }
    let group = try NotificationGroup(.directoryName)
    try group.watch(.inode, for: [.create, .onDirectory], at: root, .onlyDirectory)
    say("Listening to \(path). Press Enter to stop.")

    var buffer = EventBuffer()
    while waitForMore(group) {
      while try group.read(into: &buffer) > 0 {
        var events = buffer.events
        while let event = try events.next() { tell(event, root: root) }
      }
    }
    say("Listening stopped.")
  }

  private static func tell(_ event: borrowing Event, root: Int32) {
    if event.mask.contains(.queueOverflow) { return say("events were lost") }
    guard let directory = event.directory, let name = event.name else { return }
    let kind = event.mask.contains(.onDirectory) ? "directory" : "file"
    let text = String(decoding: name, as: UTF8.self)
    do throws(Errno) {
      let open = try directory.key.open(mount: root, flags: O_RDONLY | O_DIRECTORY)
      say("created: \(kind) \(text) in \(self.path(of: open.raw)), \(state(of: text, in: open.raw))")
    } catch .staleNFSFileHandle {
      say("created: \(kind) \(text) in a directory that is gone")
    } catch {
      say("created: \(kind) \(text) in a directory that cannot be opened: \(error)")
    }
  }

  /// An event tells what happened; what is there now is another question.
  private static func state(of name: String, in directory: Int32) -> String {
    var status = stat()
    guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return "gone since" }
    return "inode \(status.st_ino)"
  }

  /// The path that an open file has now.
  private static func path(of file: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      let count = readlink("/proc/self/fd/\(file)", buffer.baseAddress!, buffer.count)
      guard count >= 0 else { return "(unknown)" }
      return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }

  /// Waits for events; false once Enter was pressed, or nobody is there to press it.
  private static func waitForMore(_ group: borrowing NotificationGroup) -> Bool {
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
