import LinuxSystem
import SystemPackage
import Tree

/// The system calls of a verb, with what is in their way.
extension Replayer {
  func perform(
    _ verb: Verb, at destination: Destination, _ run: VerbRun
  ) throws(Errno) {
    switch verb {
    case .stage:
      break
    case .move(let id, let from, let to, let over):
      if over { try keepVersion(of: to, takenBy: id, isNew: from == .staged(id), destination, run) }
      try rename(id, from, to, over: over, at: destination)
      if from == .staged(id) { destination.notePublished(id) }
    case .link(let id, let from, let to, let over):
      if over { try keepVersion(of: to, takenBy: id, isNew: from == .staged(id), destination, run) }
      try link(id, from, to, over: over, at: destination)
    case .unlink(let id, let link):
      if try takeVersion(of: link, id, destination, run) { break }
      try unlink(id, link, at: destination)
    case .removeDirectory(let id, let link):
      try removeDirectory(id, link, at: destination)
    case .setAttributes(let id):
      try setAttributes(id, at: destination, run)
    }
  }

  private func rename(
    _ id: ObjectID, _ from: Link, _ to: Link, over: Bool, at destination: Destination
  ) throws(Errno) {
    let source = try directory(of: from, id, at: destination)
    let target = try destination.directory(to.parent, in: tree)
    let name = Destination.name(from)
    let newName = Destination.name(to)
    var tries = 0
    while true {
      do throws(Errno) {
        return try withCString(name) { name throws(Errno) in
          try withCString(newName) { newName throws(Errno) in
            try Names.rename(name, in: source, to: newName, in: target, replacing: over)
          }
        }
      } catch {
        tries += 1
        guard tries <= 3 else { throw error }
        try clearTheWay(error, name, in: source, newName, in: target, at: destination)
      }
    }
  }

  private func link(
    _ id: ObjectID, _ from: Link, _ to: Link, over: Bool, at destination: Destination
  ) throws(Errno) {
    let source = try directory(of: from, id, at: destination)
    let target = try destination.directory(to.parent, in: tree)
    let name = Destination.name(from)
    let newName = Destination.name(to)
    let temporary = Array("\(id.rawValue).over".utf8)
    var tries = 0
    while true {
      do throws(Errno) {
        return try withCString(name) { name throws(Errno) in
          try withCString(newName) { newName throws(Errno) in
            guard over else {
              return try Names.link(name, in: source, to: newName, in: target)
            }
            try withCString(temporary) { temporary throws(Errno) in
              let park = destination.park.raw
              try? Names.removeFile(temporary, in: park)
              try Names.link(name, in: source, to: temporary, in: park)
              try Names.rename(temporary, in: park, to: newName, in: target, replacing: true)
              // Where both were one inode already, rename(2) does nothing.
              try? Names.removeFile(temporary, in: park)
            }
          }
        }
      } catch {
        tries += 1
        guard tries <= 3 else { throw error }
        try clearTheWay(error, name, in: source, newName, in: target, at: destination)
      }
    }
  }

  /// The directory that one of an object's names is in, also one of the names that staging gives.
  private func directory(
    of link: Link, _ id: ObjectID, at destination: Destination
  ) throws(Errno) -> Int32 {
    link == .staged(id)
      ? destination.place(ofStaged: id) : try destination.directory(link.parent, in: tree)
  }

  private func unlink(
    _ id: ObjectID, _ link: Link, at destination: Destination
  ) throws(Errno) {
    let directory = try directory(of: link, id, at: destination)
    let name = Destination.name(link)
    var tries = 0
    while true {
      do throws(Errno) {
        return try withCString(name) { name throws(Errno) in
          try Names.removeFile(name, in: directory)
        }
      } catch .noSuchFileOrDirectory {
        return  // what was to go is gone
      } catch .isDirectory {
        return try destination.moveToForeign(name, in: directory)
      } catch {
        tries += 1
        guard tries <= 2, error == .notPermitted || error == .permissionDenied,
          destination.clearForbiddingFlags(name, in: directory)
        else { throw error }
      }
    }
  }

  private func removeDirectory(
    _ id: ObjectID, _ link: Link, at destination: Destination
  ) throws(Errno) {
    let parent = try destination.directory(link.parent, in: tree)
    let name = Destination.name(link)
    var tries = 0
    while true {
      do throws(Errno) {
        return try withCString(name) { name throws(Errno) in
          try Names.removeDirectory(name, in: parent)
        }
      } catch .noSuchFileOrDirectory {
        return
      } catch .notDirectory {
        return try destination.moveToForeign(name, in: parent)
      } catch {
        tries += 1
        guard tries <= 3 else { throw error }
        switch error {
        case .directoryNotEmpty, .fileExists:
          // What is ours in it was moved or removed before: this is somebody else's.
          guard !tree.hasChildren(id) else { throw error }
          let directory = try Descriptor.open(
            ".", in: try destination.directory(id, in: tree), .list)
          var names: [[UInt8]] = []
          try forEachName(in: directory.raw) { name, _ in
            names.append(name)
            return true
          }
          for name in names { try destination.moveToForeign(name, in: directory.raw) }
        case .notPermitted, .permissionDenied:
          guard destination.clearForbiddingFlags(name, in: parent) else { throw error }
        default:
          throw error
        }
      }
    }
  }

  private func setAttributes(
    _ id: ObjectID, at destination: Destination, _ run: VerbRun
  ) throws(Errno) {
    let object = owed[id]
    let isDirectory = tree.isDirectory(id)
    let opened: Descriptor
    if isDirectory {
      opened = try Descriptor.open(".", in: try destination.directory(id, in: tree), .walk)
    } else {
      guard let link = tree.link(of: id) else { throw Errno.noSuchFileOrDirectory }
      let directory = try destination.directory(link.parent, in: tree)
      opened = try withCString(Destination.name(link)) { name throws(Errno) in
        try Descriptor.open(beneath: directory, path: name, .look)
      }
    }
    let status = isDirectory ? try FileStatus.ofFlags(opened.raw) : try FileStatus.of(opened.raw)
    if !isDirectory, let object, status.kind != object.attributes.kind { throw Errno.fileExists }
    if !status.flags.isDisjoint(with: .forbidding) { destination.clearForbiddingFlags(opened.raw, status) }
    if let object,
      !object.work.isDisjoint(with: [.attributes, .extendedAttributes, .make])
    {
      var extended = object.extendedAttributes
      if object.work.isDisjoint(with: [.extendedAttributes, .make]) { extended = nil }
      if object.work.contains(.make), extended == nil { extended = [] }
      var outcome = try bench.setter.set(
        opened.raw, object.attributes, extended: extended, present: .unknown)
      if outcome.isForbidden, try clearForbidding(id, at: destination) {
        outcome = try bench.setter.set(
          opened.raw, object.attributes, extended: extended, present: .unknown)
      }
      note(id, outcome)
    } else if let time = run.modified[id] ?? object?.attributes.modified {
      losses.note(id, try bench.setter.setModified(opened.raw, time))
    }
  }

  /// Clears the flags that forbid a change of an object where it is.
  private func clearForbidding(
    _ id: ObjectID, at destination: Destination
  ) throws(Errno) -> Bool {
    if tree.isDirectory(id) {
      return destination.clearForbiddingFlags([0x2e], in: try destination.directory(id, in: tree))
    }
    guard let link = tree.link(of: id) else { return false }
    return destination.clearForbiddingFlags(
      Destination.name(link), in: try destination.directory(link.parent, in: tree))
  }

  /// Makes way after an error where that can be done; otherwise it stands.
  private func clearTheWay(
    _ error: Errno, _ name: [UInt8], in source: Int32, _ newName: [UInt8], in target: Int32,
    at destination: Destination
  ) throws(Errno) {
    switch error {
    case .fileExists, .isDirectory, .notDirectory, .directoryNotEmpty:
      // What this name leads to has another one: ours, in a directory that folds names.
      guard try isListed(newName, in: target) else { throw .fileExists }
      // A name that nothing of ours has: somebody else's came to be here.
      tellForeign(newName)
      try destination.moveToForeign(newName, in: target)
    case .notPermitted, .permissionDenied:
      let first = destination.clearForbiddingFlags(name, in: source)
      let second = destination.clearForbiddingFlags(newName, in: target)
      guard first || second else { throw error }
    default:
      throw error
    }
  }
}
