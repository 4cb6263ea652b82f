import LinuxSystem
import SystemPackage
import Tree

/// Makes objects whole in the park, before they can be seen: content, owner, extended attributes,
/// mode, time.
struct Stager: ~Copyable {
  /// What was made.
  struct Made {
    /// Which inode it is at the destination.
    var place: DestinationInode
    /// The state that was copied when it is not the one that was recorded.
    var newer: ContentStamp?
    var isTorn = false
    var bytesCopied: UInt64 = 0
    /// Its content, where a hash of that was taken.
    var copied: CopiedContent?
    /// What it was made from and equals, where it does: it was not needed then.
    var equal: DestinationInode?
    /// What its attributes became.
    var outcome = SetOutcome()
  }

  enum Failure: Error {
    /// The content is not to be had in the state that is asked for.
    case pending
    /// The source cannot be read.
    case unreadable(Errno)
    /// The destination refused this object.
    case failed(Errno)
    /// There is no room for it, and none can be made; others may fit.
    case doesNotFit(Errno)
  }

  /// How often a file that changes while it is read is read again before the last read must do.
  private static let readsMax = 3

  private var copier = ContentCopier(takesHashes: true)
  private var reader = ExtendedAttributeReader()

  /// Is told how many bytes were copied, while a file is.
  var onCopied: ((UInt64) -> Void)? {
    get { copier.onCopied }
    set { copier.onCopied = newValue }
  }

  /// Makes an object that needs no content, under a name that nothing has.
  mutating func make(
    _ name: [UInt8], _ object: OwedObject, in place: Int32, _ setter: inout AttributeSetter
  ) throws(Failure) -> Made {
    do throws(Errno) {
      return try withCString(name) { name throws(Errno) in
        try makeNode(name, object, in: place)
        let made = try Descriptor.open(name, in: place, .look)
        let status = try FileStatus.of(made.raw)
        // A directory gets its own at the end, when all its names are in place.
        var outcome = SetOutcome()
        if !object.isDirectory {
          outcome = try setter.set(
            made.raw, object.attributes, extended: object.extendedAttributes ?? [],
            present: .fresh)
        }
        return Made(place: DestinationInode(status), outcome: outcome)
      }
    } catch {
      throw .failed(error)
    }
  }

  private func makeNode(
    _ name: UnsafePointer<CChar>, _ object: OwedObject, in place: Int32
  ) throws(Errno) {
    switch object.attributes.kind {
    case .directory:
      try Names.makeDirectory(name, in: place, mode: 0o700)
    case .symbolicLink:
      if object.target.isEmpty || object.target.contains(0) { throw Errno.invalidArgument }
      try withCString(object.target) { target throws(Errno) in
        try Names.makeSymbolicLink(name, in: place, to: target)
      }
    case .fifo, .socket, .characterDevice, .blockDevice:
      try Names.makeNode(
        name, in: place, mode: object.attributes.kind.modeBits | 0o600,
        device: object.attributes.device)
    case .regular, .unknown:
      throw Errno.invalidArgument
    }
  }

  /// Makes a regular file from an open file of the source, under a name that nothing has.
  ///
  /// Mode, owner and extended attributes are those of the descriptor that is read: where the stamp is
  /// the recorded one they are the recorded ones, and where it is newer, recorded ones would publish
  /// what has been made private since.
  ///
  /// - Parameter basis: a file at the destination that its content may resemble.
  mutating func makeFile(
    _ name: [UInt8], _ object: OwedObject, from source: Int32, basis: Int32?, takesNewer: Bool,
    in place: Int32, _ setter: inout AttributeSetter
  ) throws(Failure) -> Made {
    var before: FileStatus
    do { before = try FileStatus.of(source) } catch { throw .unreadable(error) }
    guard before.kind == .regular else { throw .pending }
    if ContentStamp(before) != object.stamp {
      if !takesNewer { throw .pending }
      before = try settle(source)
    }
    let made: Descriptor
    do throws(Errno) {
      made = try withCString(name) { name throws(Errno) in
        try Descriptor.open(name, in: place, .make, mode: 0o600)
      }
    } catch {
      throw .failed(error)
    }
    var isTorn = false
    var isChanged = true
    var isPatched = false
    var reads = 1
    while true {
      do throws(CopyError) {
        if isPatched {
          if try copier.copyAgain(from: source, to: made.raw, before) { isChanged = true }
        } else if case .patched(let differs) = try copier.copy(
          from: source, to: made.raw, before, basis: basis)
        {
          isPatched = true
          isChanged = differs
        }
      } catch {
        switch error {
        case .reading(let errno): throw .unreadable(errno)
        case .writing(let errno): throw .failed(errno)
        }
      }
      // Before the second look, so that they too are of the state that it shows.
      do { try reader.read(source, flags: before.flags) } catch { throw .unreadable(error) }
      let after: FileStatus
      do { after = try FileStatus.of(source) } catch { throw .unreadable(error) }
      if ContentStamp(after) == ContentStamp(before) { break }
      if !takesNewer { throw .pending }
      if reads == Self.readsMax {
        isTorn = true
        before = after
        break
      }
      reads += 1
      before = try settle(source)
      if !isPatched {
        do { try FileBytes.setSize(made.raw, bytes: 0) } catch { throw .failed(error) }
      }
    }
    do throws(Errno) {
      var outcome = try setter.set(
        made.raw, Attributes(before), extended: reader.encoded, present: .fresh)
      let status = try FileStatus.of(made.raw)
      try setter.correctFlags(made.raw, status, &outcome)
      let stamp = ContentStamp(before)
      var result = Made(
        place: DestinationInode(status),
        newer: stamp == object.stamp && !isTorn ? nil : stamp, isTorn: isTorn,
        bytesCopied: before.sizeBytes, outcome: outcome)
      if !isTorn, let hash = copier.hash {
        result.copied = CopiedContent(result.place, Attributes(before), hash: hash)
      }
      if let basis, !isChanged, result.newer == nil {
        result.equal = DestinationInode(try FileStatus.of(basis))
      }
      return result
    } catch {
      throw .failed(error)
    }
  }

  /// The extended attributes of an open file of the source, where it is in the state that was recorded.
  mutating func extendedAttributes(
    of object: OwedObject, from source: Int32
  ) throws(Failure) -> [UInt8] {
    let status: FileStatus
    do throws(Errno) {
      // Once more after it, so that both are of one state.
      let flags = try FileStatus.of(source).flags
      try reader.read(source, flags: flags)
      status = try FileStatus.of(source)
    } catch {
      throw .unreadable(error)
    }
    guard ContentStamp(status) == object.stamp else { throw .pending }
    return reader.encoded
  }

  /// The state of a file that may have a writer: what is dirty is written out first, so that the next
  /// store into a mapping moves the ctime.
  private func settle(_ source: Int32) throws(Failure) -> FileStatus {
    do throws(Errno) {
      do throws(Errno) { try FileBytes.syncContent(source) } catch .invalidArgument {}
      return try FileStatus.of(source)
    } catch {
      throw .unreadable(error)
    }
  }
}

/// Which inode an object is at the destination: its number, and its birth time, because numbers are
/// used again.
struct DestinationInode: Hashable {
  var inode: UInt64
  var born: Timestamp

  init(_ status: FileStatus) {
    inode = status.inode
    born = status.born
  }

  init(inode: UInt64, born: Timestamp) {
    self.inode = inode
    self.born = born
  }
}
