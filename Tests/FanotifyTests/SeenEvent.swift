import Fanotify
import LinuxSystem

/// A copy of all that an event says, to compare.
struct SeenEvent: Equatable {
  var mask: EventMask = []
  var pid: Int32 = 0
  var fsid: UInt64?
  var object: ObjectKey?
  var directory: ObjectKey?
  var name: String?
  var oldDirectory: ObjectKey?
  var oldName: String?
  var newDirectory: ObjectKey?
  var newName: String?
  var filesystemError: FilesystemError?
  var process: EventProcess?
  var mountID: UInt64?
  var range: FileRange?

  init() {}

  init(_ event: borrowing Event) {
    mask = event.mask
    pid = event.pid
    fsid = event.fsid
    object = event.object?.key
    directory = event.directory?.key
    name = event.name.map(text)
    oldDirectory = event.oldDirectory?.key
    oldName = event.oldName.map(text)
    newDirectory = event.newDirectory?.key
    newName = event.newName.map(text)
    filesystemError = event.filesystemError
    process = event.process
    mountID = event.mountID
    range = event.range
  }
}

private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

/// All events in `bytes`, and the error that ended them.
func seen(
  _ bytes: RawSpan, errorNumbers: Bool = false
) -> (events: [SeenEvent], error: EventFormatError?) {
  var events: [SeenEvent] = []
  var cursor = EventCursor(bytes, errorNumbers: errorNumbers)
  do throws(EventFormatError) {
    while let event = try cursor.next() { events.append(SeenEvent(event)) }
  } catch {
    return (events, error)
  }
  return (events, nil)
}
