import Fanotify
import LinuxSystem
import Tree

extension DirtySet {
  /// Adds what an event hints at: names in directories, and objects.
  ///
  /// - Parameters:
  ///   - byName: hints at an object by the name that it is reported under.
  ///   - graft: what the event happened in.
  package func add(_ event: borrowing Event, byName: Bool = false, graft: UInt32 = 0) {
    let mask = event.mask
    func type(_ handle: borrowing HandleView) -> Int32 { ObjectKey.type(handle: handle.type, inGraft: graft) }
    if !mask.isDisjoint(with: [.create, .delete]) {
      if let directory = event.directory, let name = event.name, Name.isLegal(name) {
        add(.name, type: type(directory), key: directory.bytes, name: name)
      }
    }
    if mask.contains(.rename) {
      if let directory = event.oldDirectory, let name = event.oldName, Name.isLegal(name) {
        add(.name, type: type(directory), key: directory.bytes, name: name)
      }
      if let directory = event.newDirectory, let name = event.newName, Name.isLegal(name) {
        add(.name, type: type(directory), key: directory.bytes, name: name)
      }
    }
    var hint: DirtySet.Hint = []
    if mask.contains(.modify) { hint.insert(.modified) }
    if mask.contains(.closeWrite) { hint.insert(.closed) }
    if !mask.isDisjoint(with: [.attributes, .rename]) { hint.insert(.attributes) }
    // It came from where nothing is reported of: what was written to it there is not known.
    let isArrival = mask.contains(.rename) && event.oldDirectory == nil
    if isArrival { hint.insert(.modified) }
    if hint.isEmpty { return }
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    if byName {
      if let object = event.object, !mask.contains(.onDirectory), !mask.contains(.rename) {
        // It may have had that name for a moment only.
        add(hint, type: type(object), key: object.bytes, name: none)
      }
      if let directory = event.directory, let name = event.name, !Self.isSelf(name) {
        // Who made a file on FUSE without a name (O_TMPFILE) is reported to write to "/", also when it has
        // got a name: to look at that would be to look at the system's root. It may be in this directory.
        guard Name.isLegal(name) else {
          return add(.something, type: type(directory), key: directory.bytes, name: none)
        }
        return add(hint, type: type(directory), key: directory.bytes, name: name)
      }
      if mask.contains(.rename) {
        // What is at both names is looked at anyway.
        guard isArrival, let directory = event.newDirectory, let name = event.newName, Name.isLegal(name) else {
          return
        }
        return add(.modified, type: type(directory), key: directory.bytes, name: name)
      }
    }
    if let object = event.object {
      add(hint, type: type(object), key: object.bytes, name: none)
    } else if let directory = event.directory {
      // An event on a directory itself names it with ".".
      add(hint, type: type(directory), key: directory.bytes, name: none)
    }
  }

  private static func isSelf(_ name: UnsafeRawBufferPointer) -> Bool {
    name.count == 1 && name[0] == UInt8(ascii: ".")
  }
}
