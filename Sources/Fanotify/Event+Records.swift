import CLinux

extension Event {
  /// The object that the event is about; nil where the event names none, or Linux could not say.
  @inlinable
  public var object: HandleView? {
    @_lifetime(copy self)
    get { handle(objectPlace) }
  }

  /// The directory that holds, or held, `name`; for an event about a directory itself, that
  /// directory.
  @inlinable
  public var directory: HandleView? {
    @_lifetime(copy self)
    get { handle(directoryPlace) }
  }

  /// The name in `directory`: raw bytes, without the NUL, valid until the buffer is read into again
  /// or goes.
  ///
  /// "." where the event is about the directory itself. In an event about content the name is what
  /// the file was opened by, and may be gone or never have been: the handle counts.
  @inlinable
  public var name: UnsafeRawBufferPointer? { name(directoryPlace) }

  /// The directory that a renamed object left.
  @inlinable
  public var oldDirectory: HandleView? {
    @_lifetime(copy self)
    get { handle(oldPlace) }
  }

  /// The name that a renamed object had in `oldDirectory`; valid as `name` is.
  @inlinable
  public var oldName: UnsafeRawBufferPointer? { name(oldPlace) }

  /// The directory that a renamed object came to.
  @inlinable
  public var newDirectory: HandleView? {
    @_lifetime(copy self)
    get { handle(newPlace) }
  }

  /// The name that a renamed object has got in `newDirectory`; valid as `name` is.
  @inlinable
  public var newName: UnsafeRawBufferPointer? { name(newPlace) }

  /// The id of the filesystem of the event, known even where the object is not; nil for an overflow.
  @inlinable
  public var fsid: UInt64? {
    let start = max(objectPlace.start, directoryPlace.start, newPlace.start)
    guard start != 0 else { return nil }
    return bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: Int(start), as: UInt64.self)
  }

  /// What the filesystem found wrong with itself.
  @inlinable
  public var filesystemError: FilesystemError? {
    guard errorStart != 0 else { return nil }
    let start = Int(errorStart)
    return FilesystemError(
      code: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start + 4, as: Int32.self),
      count: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start + 8, as: UInt32.self))
  }

  /// The process that caused the event, in a group made with `.processDescriptor`.
  @inlinable
  public var process: EventProcess? {
    guard processStart != 0 else { return nil }
    let value = bytes.unsafeLoadUnaligned(
      fromUncheckedByteOffset: Int(processStart) + 4, as: Int32.self)
    return EventProcess(value, errorNumbers: errorNumbers)
  }

  /// The bytes that are about to be touched, in an event that waits for an answer before that.
  @inlinable
  public var range: FileRange? {
    guard rangeStart != 0 else { return nil }
    let start = Int(rangeStart)
    return FileRange(
      offset: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start + 8, as: UInt64.self),
      count: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start + 16, as: UInt64.self))
  }

  /// The unique id of the mount that came or went, in a group made with `.mounts`. The field of
  /// statx(2) is stx_mnt_id with STATX_MNT_ID_UNIQUE.
  @inlinable
  public var mountID: UInt64? {
    guard mountStart != 0 else { return nil }
    return bytes.unsafeLoadUnaligned(
      fromUncheckedByteOffset: Int(mountStart) + 8, as: UInt64.self)
  }
}

extension Event {
  /// Lends a handle; none where it is empty, as the C constant FILEID_INVALID says it.
  @inlinable
  @_lifetime(copy self)
  func handle(_ place: Place) -> HandleView? {
    guard place.handleBytes != 0 else { return nil }
    let start = Int(place.start)
    let end = start + 16 + Int(place.handleBytes)
    return HandleView(bytes.extracting(unchecked: start..<end))
  }

  @inlinable
  func name(_ place: Place) -> UnsafeRawBufferPointer? {
    guard place.nameBytes != 0 else { return nil }
    let start = Int(place.start) + 16 + Int(place.handleBytes)
    return bytes.withUnsafeBytes {
      UnsafeRawBufferPointer(rebasing: $0[start..<start + Int(place.nameBytes)])
    }
  }
}
