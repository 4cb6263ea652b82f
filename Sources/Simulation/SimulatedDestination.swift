import LinuxSystem
import Tree

/// A destination in memory that refuses what a real one refuses.
struct SimulatedDestination {
  struct Refusal: Error { let what: String }

  /// One inode; an object's old and its new content are two.
  struct Inode {
    var id: ObjectID
    var attributes: Attributes
    var content: UInt32 = 0
    var target: [UInt8] = []
    var extendedAttributes: [UInt8] = []
    var nameCount = 0
    /// Of a directory in which names changed since its attributes were set: its time before.
    var timeBefore: Timestamp?
    var childCount = 0
    /// Of a directory.
    var place: Link?

    var isDirectory: Bool { attributes.kind == .directory }
  }

  private(set) var names: [Link: Int] = [:]
  private(set) var inodes: [Inode] = []
  private var free: [Int] = []
  private(set) var directories: [ObjectID: Int] = [:]
  private(set) var parkCount = 0
  /// The names of every object that is there.
  private(set) var links: [ObjectID: [Link]] = [:]

  init() {
    let root = Attributes(mode: FileKind.directory.modeBits, uid: 0, gid: 0, modified: .zero)
    inodes.append(Inode(id: .root, attributes: root, nameCount: 1))
    directories[.root] = 0
  }

  func inode(_ id: ObjectID) -> Int? {
    if let directory = directories[id] { return directory }
    return links[id]?.first.flatMap { names[$0] }
  }

  /// What a place has, made whole before it gets its name.
  mutating func stage(_ made: Inode) throws {
    var made = made
    made.nameCount = 0
    let number: Int
    if let last = free.popLast() {
      inodes[last] = made
      number = last
    } else {
      inodes.append(made)
      number = inodes.count - 1
    }
    if made.isDirectory {
      guard directories[made.id] == nil else { throw Refusal(what: "the directory is there already") }
      directories[made.id] = number
    }
    try insert(number, .staged(made.id))
  }

  mutating func move(_ id: ObjectID, _ from: Link, _ to: Link, over: Bool) throws {
    let number = try find(from, id)
    if inodes[number].isDirectory {
      guard !over else { throw Refusal(what: "a directory replaces nothing") }
      var at = to.parent
      while at != .root, at != .park {
        guard at != id else { throw Refusal(what: "EINVAL: a directory into itself") }
        guard let up = directories[at], let place = inodes[up].place else {
          throw Refusal(what: "ENOENT: the new parent is nowhere")
        }
        at = place.parent
      }
    }
    if over { try replace(to, by: number) }
    try insert(number, to)
    remove(from)
    if inodes[number].isDirectory {
      inodes[number].place = to
      touch(id)
    }
  }

  mutating func link(_ id: ObjectID, _ from: Link, _ to: Link, over: Bool) throws {
    let number = try find(from, id)
    guard !inodes[number].isDirectory else { throw Refusal(what: "EPERM: a link to a directory") }
    if over { try replace(to, by: number) }
    try insert(number, to)
  }

  mutating func unlink(_ id: ObjectID, _ link: Link) throws {
    guard !inodes[try find(link, id)].isDirectory else { throw Refusal(what: "EISDIR") }
    remove(link)
  }

  mutating func removeDirectory(_ id: ObjectID, _ link: Link) throws {
    let number = try find(link, id)
    guard inodes[number].isDirectory else { throw Refusal(what: "ENOTDIR") }
    guard inodes[number].childCount == 0 else { throw Refusal(what: "ENOTEMPTY") }
    directories[id] = nil
    remove(link)
  }

  /// Sets attributes, and extended ones where they are given; without any, a directory's time.
  mutating func set(
    _ id: ObjectID, _ attributes: Attributes?, extended: [UInt8]?
  ) throws {
    guard let number = inode(id) else { throw Refusal(what: "ENOENT: attributes of nothing") }
    if let attributes {
      guard attributes.kind == inodes[number].attributes.kind || id == .root else {
        throw Refusal(what: "attributes of another kind")
      }
      var new = attributes
      // The content's size is the content's affair.
      new.sizeBytes = inodes[number].attributes.sizeBytes
      inodes[number].attributes = new
    } else if let time = inodes[number].timeBefore {
      inodes[number].attributes.modified = time
    }
    inodes[number].timeBefore = nil
    if let extended { inodes[number].extendedAttributes = extended }
  }

  // MARK: Names

  private func find(_ link: Link, _ id: ObjectID) throws -> Int {
    guard let number = names[link] else { throw Refusal(what: "ENOENT: \(link)") }
    guard inodes[number].id == id else { throw Refusal(what: "another object at \(link)") }
    return number
  }

  private mutating func replace(_ link: Link, by number: Int) throws {
    guard let old = names[link] else { throw Refusal(what: "nothing to replace at \(link)") }
    guard !inodes[old].isDirectory else { throw Refusal(what: "EISDIR: \(link)") }
    guard old != number else { throw Refusal(what: "a rename onto itself does nothing") }
    remove(link)
  }

  private mutating func insert(_ number: Int, _ link: Link) throws {
    guard names[link] == nil else { throw Refusal(what: "EEXIST: \(link)") }
    if link.parent == .park {
      parkCount += 1
    } else {
      guard let parent = directories[link.parent] else {
        throw Refusal(what: "ENOENT: the directory of \(link)")
      }
      guard link.parent == .root || inodes[parent].place != nil else {
        throw Refusal(what: "into a directory that has no name yet: \(link)")
      }
      inodes[parent].childCount += 1
    }
    touch(link.parent)
    names[link] = number
    inodes[number].nameCount += 1
    links[inodes[number].id, default: []].append(link)
  }

  private mutating func remove(_ link: Link) {
    guard let number = names.removeValue(forKey: link) else { return }
    let id = inodes[number].id
    if link.parent == .park {
      parkCount -= 1
    } else {
      inodes[directories[link.parent]!].childCount -= 1
    }
    touch(link.parent)
    links[id]!.removeAll { $0 == link }
    if links[id]!.isEmpty { links[id] = nil }
    inodes[number].nameCount -= 1
    if inodes[number].nameCount == 0 { free.append(number) }
  }

  private mutating func touch(_ directory: ObjectID) {
    guard let number = directories[directory], inodes[number].timeBefore == nil else { return }
    inodes[number].timeBefore = inodes[number].attributes.modified
    // As wrong as a time can be.
    inodes[number].attributes.modified = Timestamp(seconds: -1, nanoseconds: 0)
  }
}
