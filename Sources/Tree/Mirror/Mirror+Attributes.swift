import LinuxSystem

extension Mirror {
  public func id(_ node: Node) -> ObjectID { ObjectID(ids[node.row]) }

  public func kind(_ node: Node) -> FileKind { FileKind(rawValue: UInt8(modes[node.row] >> 12)) ?? .unknown }

  /// Whether an object with these attributes is another one: none changes its kind, nor the device that it
  /// stands for.
  public func isOther(_ attributes: Attributes, than node: Node) -> Bool {
    if kind(node) != attributes.kind { return true }
    switch attributes.kind {
    case .characterDevice, .blockDevice: return self.attributes(node).device != attributes.device
    default: return false
    }
  }

  @inline(__always)
  public func isDirectory(_ node: Node) -> Bool { modes[node.row] >> 12 == 4 }

  /// The attributes as they were last observed.
  public func attributes(_ node: Node) -> Attributes {
    let row = node.row
    let owner = ownerTable[Int(owners[row])]
    let kind = kind(node)
    let isDevice = kind == .characterDevice || kind == .blockDevice
    let hasSize = kind == .regular || kind == .symbolicLink
    return Attributes(
      mode: UInt32(modes[row]), uid: owner.uid, gid: owner.gid,
      device: isDevice ? sizes[row] : 0, sizeBytes: hasSize ? sizes[row] : 0,
      modified: modifiedTime(node))
  }

  public func modifiedTime(_ node: Node) -> Timestamp {
    if flags[node.row].contains(.hasFarTimes) { return farTimes[node.row]!.modified }
    return Timestamp(nanosecondsSince1970: modified[node.row])
  }

  /// The ctime as it was last observed.
  public func changedTime(_ node: Node) -> Timestamp {
    if flags[node.row].contains(.hasFarTimes) { return farTimes[node.row]!.changed }
    return Timestamp(nanosecondsSince1970: changed[node.row])
  }

  /// The last complete drain before the object was observed, in seconds since 1970.
  public func drainedSeconds(_ node: Node) -> Int64 { Int64(drained[node.row]) }

  /// Keeps what was observed, and notes for the next commit what differs from before.
  ///
  /// - Returns: whether the ctime differs from the one known.
  @discardableResult
  public func observe(
    _ node: Node, _ attributes: Attributes, changed now: Timestamp, drainedSeconds: Int64
  ) -> Bool {
    let row = node.row
    let isNew = modes[row] == 0
    let differs = isNew || self.attributes(node) != attributes
    let moved = isNew || changedTime(node) != now
    if differs || moved {
      set(node, attributes, changed: now)
      // A ctime alone counts as well: a copy of the content is checked against it.
      touch(row, .attributesChanged)
    }
    drained[row] = UInt32(clamping: drainedSeconds)
    return moved
  }

  func set(_ node: Node, _ attributes: Attributes, changed now: Timestamp) {
    let row = node.row
    let wasDirectory = isDirectory(node)
    modes[row] = UInt16(truncatingIfNeeded: attributes.mode)
    owners[row] = ownerNumber(attributes.uid, attributes.gid)
    switch attributes.kind {
    case .directory: if !wasDirectory { sizes[row] = 0 }
    case .characterDevice, .blockDevice: sizes[row] = attributes.device
    default: sizes[row] = attributes.sizeBytes
    }
    let m = attributes.modified.nanosecondsSince1970
    let c = now.nanosecondsSince1970
    modified[row] = m
    changed[row] = c
    if m == .min || m == .max || c == .min || c == .max {
      flags[row].insert(.hasFarTimes)
      farTimes[row] = FarTimes(modified: attributes.modified, changed: now)
    } else if flags[row].contains(.hasFarTimes) {
      flags[row].remove(.hasFarTimes)
      farTimes[row] = nil
    }
  }

  private func ownerNumber(_ uid: UInt32, _ gid: UInt32) -> UInt32 {
    if let first = ownerTable.first, first.uid == uid, first.gid == gid { return 0 }
    let owner = Owner(uid: uid, gid: gid)
    if let number = ownerNumbers[owner] { return number }
    let number = UInt32(ownerTable.count)
    ownerTable.append(owner)
    ownerNumbers[owner] = number
    return number
  }

  /// The target of a symbolic link.
  public func target(_ node: Node) -> [UInt8] { targets[node.row] ?? [] }

  public func setTarget(_ node: Node, _ target: [UInt8]) { targets[node.row] = target }

  /// All extended attributes, in the encoding of `ExtendedAttributeReader`.
  public func encodedAttributes(_ node: Node) -> [UInt8] {
    guard flags[node.row].contains(.hasExtendedAttributes) else { return [] }
    return extendedAttributes[node.row] ?? []
  }

  /// Keeps the extended attributes that were observed, and notes a difference.
  public func observe(_ node: Node, encodedAttributes: [UInt8]) {
    let had = flags[node.row].contains(.hasExtendedAttributes)
    if encodedAttributes.isEmpty {
      guard had else { return }
      extendedAttributes.remove(node.row)
      flags[node.row].remove(.hasExtendedAttributes)
    } else {
      if had, extendedAttributes[node.row] == encodedAttributes { return }
      extendedAttributes.set(encodedAttributes, node.row)
      flags[node.row].insert(.hasExtendedAttributes)
    }
    touch(node.row, .extendedAttributesChanged)
  }

  // MARK: Content

  /// Whether the content may differ from what was last committed.
  public func isSuspect(_ node: Node) -> Bool { flags[node.row].contains(.suspect) }

  /// Notes that the content may differ; the next commit says so, unless one did.
  public func suspectContent(_ node: Node) {
    guard !flags[node.row].contains(.suspect) else { return }
    touch(node.row, [.suspect, .suspectIsNews])
  }

  /// Notes that the content has settled: the next commit has it copied.
  public func settleContent(_ node: Node) {
    flags[node.row].remove([.suspect, .suspectIsNews])
    touch(node.row, .content)
  }

  /// Whether the object is in the mirror and not on its way out.
  public func isLive(_ node: Node) -> Bool {
    let now = flags[node.row]
    return now.contains(.live) && !now.contains(.removed)
  }
}
