import LinuxSystem
import SystemPackage
import Tree

/// Opens the source's files: by a path beneath the source's root, and only if the file found there
/// is the recorded object.
///
/// That is the proof of the object's link and the safe opening in one: nothing outside the source can
/// be reached, whatever handles or names a journal holds.
struct ContentSource: ~Copyable {
  /// Why there is nothing to copy.
  enum Failure: Error {
    /// The object is not there any more, or no longer under this name.
    case gone
    /// It is there and cannot be read.
    case unreadable(Errno)
  }

  private let root: Descriptor
  /// The device number of its filesystem.
  let device: UInt64
  /// What tells the source's objects apart, where their keys are no handles.
  private let identity: ObjectIdentity
  /// What is mounted inside the source and followed.
  private let grafts: @Sendable () -> GraftTable
  /// A directory that was opened by its path may have moved away since: 50 ms serve the files of one
  /// directory and leave a move to a private place little time.
  private var directories = OpenDirectories(ageMax: 50_000_000)

  init(root: consuming Descriptor, grafts: @escaping @Sendable () -> GraftTable = { .empty }) {
    self.grafts = grafts
    device = (try? FileStatus.of(root.raw).device) ?? 0
    identity = (try? ObjectIdentity(of: root.raw)) ?? .handle
    self.root = root
  }

  /// The same source for another thread.
  func makeAnother() throws(Errno) -> ContentSource {
    ContentSource(root: try Descriptor.open(".", in: root.raw, .walk), grafts: grafts)
  }

  /// Opens the object under one of its names.
  ///
  /// - Parameter names: the path from the source's root.
  mutating func open(
    _ key: ObjectKey, parent: ObjectID, names: [[UInt8]]
  ) throws(Failure) -> Descriptor {
    if key.graft != 0 { return try openGrafted(key, parent: parent, names: names) }
    do throws(Errno) {
      if parent == .root { return try open(key, in: root.raw, names.last!) }
      if let directory = directories.find(parent) {
        do throws(Errno) {
          return try open(key, in: directory, names.last!)
        } catch {
          // The path may have led elsewhere when this was opened: another directory had the name.
          guard isGone(error) else { throw error }
        }
      }
      let directory = directories.keep(
        try AnchoredPath.openDirectory(beneath: root.raw, Array(names.dropLast())), parent)
      return try open(key, in: directory, names.last!)
    } catch {
      throw isGone(error) ? .gone : .unreadable(error)
    }
  }

  /// Opens an object on a filesystem that is mounted inside the source: beneath the root of that, and only
  /// if it is the recorded object there.
  private mutating func openGrafted(
    _ key: ObjectKey, parent: ObjectID, names: [[UInt8]]
  ) throws(Failure) -> Descriptor {
    // Not mounted: it is not gone, and comes back.
    guard let graft = grafts()[key.graft] else { throw .unreadable(.operationNotSupportedByDevice) }
    if let directory = directories.find(parent),
      let file = try? open(key.handle, in: directory, names.last!, identity: .handle)
    {
      return file
    }
    // A directory above it may have moved since it was mounted; then how deep it is is another number.
    var depths = [graft.names.count]
    depths += (1..<max(1, names.count)).filter { $0 != graft.names.count }
    var failure: Failure = .gone
    for depth in depths where depth < names.count {
      do throws(Errno) {
        let directory = directories.keep(
          try AnchoredPath.openDirectory(beneath: graft.root.raw, Array(names[depth...].dropLast())), parent)
        return try open(key.handle, in: directory, names.last!, identity: .handle)
      } catch {
        directories.remove(parent)
        if !isGone(error) { failure = .unreadable(error) }
      }
    }
    throw failure
  }

  private func open(_ key: ObjectKey, in directory: Int32, _ name: [UInt8]) throws(Errno) -> Descriptor {
    try open(key, in: directory, name, identity: identity)
  }

  private func open(
    _ key: ObjectKey, in directory: Int32, _ name: [UInt8], identity: ObjectIdentity
  ) throws(Errno) -> Descriptor {
    let file = try withCString(name) { name throws(Errno) in
      try Descriptor.open(beneath: directory, path: name, .content)
    }
    guard try identity.key(of: file.raw) == key else { throw .staleNFSFileHandle }
    return file
  }

  /// Whether an error says that the object is not there, or no longer under this name.
  private func isGone(_ error: Errno) -> Bool {
    switch error {
    case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .staleNFSFileHandle,
      .improperLink, .noSuchAddressOrDevice:
      true
    default: false
    }
  }

  /// Closes what is only kept open for speed.
  mutating func closeDirectories() { directories.removeAll() }
}
