import CLinux
import Glibc
import SystemPackage

/// Reads the extended attributes of objects into one reused buffer, in one canonical encoding:
/// sorted by name; each as name length (1 byte), name, value length (4 bytes, little-endian), value.
///
/// ACLs are among them (`system.posix_acl_access`, `system.posix_acl_default`), and the flags of chattr(1)
/// if they are given: see `InodeFlags`. Attributes that filesystems derive from others are left out: xfs shows
/// root its ACLs once more as `trusted.SGI_ACL_*`. See xattr(7).
public struct ExtendedAttributeReader: ~Copyable {
  /// The kernel's own limit, for the names of one object and for one value. XATTR_LIST_MAX,
  /// XATTR_SIZE_MAX.
  static let bytesMax = 65_536
  /// Room for most, which is tried first: the kernel allocates as much as it is offered, at every call.
  static let bytesUsual = 1_024

  private let list: UnsafeMutablePointer<CChar>
  private let value: UnsafeMutableRawPointer
  private var names: [(at: Int, count: Int)] = []
  /// The attributes read last, encoded; empty when there are none.
  public private(set) var encoded: [UInt8] = []

  public init() {
    list = .allocate(capacity: Self.bytesMax)
    value = .allocate(byteCount: Self.bytesMax, alignment: 8)
  }

  deinit {
    list.deallocate()
    value.deallocate()
  }

  /// Reads the attributes of an open object; an O_PATH descriptor serves.
  ///
  /// - Parameter flags: what its status told of its flags, to be among them.
  /// - Returns: whether there are any.
  @discardableResult
  public mutating func read(
    _ descriptor: Int32, flags: InodeFlags = []
  ) throws(Errno) -> Bool {
    let hasAttributes = try readAttributes(descriptor)
    if flags.isEmpty { return hasAttributes }
    flags.add(to: &encoded)
    return true
  }

  private mutating func readAttributes(_ descriptor: Int32) throws(Errno) -> Bool {
    let list = list
    let value = value
    let bytes: Int
    do {
      bytes = try Self.offering { room throws(Errno) in
        try retrying { cl_listxattr_fd(descriptor, list, room) }
      }
    } catch .notSupported {
      encoded.removeAll(keepingCapacity: true)
      return false
    }
    return try collect(bytes) { name throws(Errno) in
      try Self.offering { room throws(Errno) in
        try retrying { cl_getxattr_fd(descriptor, name, value, room) }
      }
    }
  }

  /// Reads the attributes of the object called `name` in a directory, with one call when it has
  /// none (Linux 6.13; before that by opening it).
  ///
  /// - Parameter flags: what its status told of its flags, to be among them.
  /// - Returns: whether there are any.
  @discardableResult
  public mutating func read(
    _ name: UnsafePointer<CChar>, in directory: Int32, flags: InodeFlags = []
  ) throws(Errno) -> Bool {
    let hasAttributes = try readAttributes(name, in: directory)
    if flags.isEmpty { return hasAttributes }
    flags.add(to: &encoded)
    return true
  }

  private mutating func readAttributes(
    _ name: UnsafePointer<CChar>, in directory: Int32
  ) throws(Errno) -> Bool {
    let list = list
    let value = value
    let bytes: Int
    do {
      bytes = try Self.offering { room throws(Errno) in
        try retrying { cl_listxattrat(directory, name, 0, list, room) }
      }
    } catch .noFunction {
      let object = try Descriptor.open(name, in: directory, .look)
      return try readAttributes(object.raw)
    } catch .notSupported {
      encoded.removeAll(keepingCapacity: true)
      return false
    }
    if bytes == 0 {
      if !encoded.isEmpty { encoded.removeAll(keepingCapacity: true) }
      return false
    }
    return try collect(bytes) { attribute throws(Errno) in
      try Self.offering { room throws(Errno) in
        try retrying { cl_getxattrat(directory, name, 0, attribute, value, UInt32(room)) }
      }
    }
  }

  /// Asks with the usual room, and with all that there may be where that is too little.
  @inline(__always)
  private static func offering(_ ask: (_ room: Int) throws(Errno) -> Int) throws(Errno) -> Int {
    do throws(Errno) {
      return try ask(bytesUsual)
    } catch .outOfRange {
      return try ask(bytesMax)
    }
  }

  private mutating func collect(
    _ bytes: Int, _ get: (UnsafePointer<CChar>) throws(Errno) -> Int
  ) throws(Errno) -> Bool {
    encoded.removeAll(keepingCapacity: true)
    if bytes == 0 { return false }
    names.removeAll(keepingCapacity: true)
    var at = 0
    while at < bytes {
      let count = strlen(list + at)
      if !Self.isLeftOut(list + at, count) { names.append((at, count)) }
      at += count + 1
    }
    let list = list
    names.sort { strcmp(list + $0.at, list + $1.at) < 0 }
    for name in names {
      let count: Int
      do {
        count = try get(list + name.at)
      } catch .noData {
        continue  // removed between list and get: an event tells
      }
      encoded.append(UInt8(name.count))
      encoded.append(
        contentsOf: UnsafeRawBufferPointer(start: list + name.at, count: name.count))
      withUnsafeBytes(of: UInt32(count).littleEndian) { encoded.append(contentsOf: $0) }
      encoded.append(contentsOf: UnsafeRawBufferPointer(start: value, count: count))
    }
    return !encoded.isEmpty
  }

  private static func isLeftOut(_ name: UnsafePointer<CChar>, _ count: Int) -> Bool {
    strncmp(name, "trusted.SGI_ACL_", 16) == 0
      || InodeFlags.isName(UnsafeRawBufferPointer(start: name, count: count))
  }
}

/// Changes one extended attribute of an open object; an O_PATH descriptor serves.
public enum ExtendedAttributes {
  public static func set(
    _ descriptor: Int32, _ name: UnsafePointer<CChar>, _ value: UnsafeRawBufferPointer
  ) throws(Errno) {
    try retrying { cl_setxattr_fd(descriptor, name, value.baseAddress, value.count) }
  }

  public static func remove(_ descriptor: Int32, _ name: UnsafePointer<CChar>) throws(Errno) {
    try retrying { cl_removexattr_fd(descriptor, name) }
  }
}
