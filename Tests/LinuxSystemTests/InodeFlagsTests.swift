import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

@Suite(.enabled(if: geteuid() == 0, "needs root to mount"))
struct InodeFlagsTests {
  @Test(arguments: Filesystem.Kind.allCases)
  func whatIsSetIsToldByTheStatusAndMovesTheChangeTime(kind: Filesystem.Kind) throws {
    if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("flags on \(kind)", because: reason) }
    let filesystem = try Filesystem(kind)
    try succeed(["/bin/sh", "-c", "cd '\(filesystem.root)'; echo x >file; mkdir directory"])
    for name in ["file", "directory"] {
      for flags in [InodeFlags.noDump, .immutable, .appendOnly, .all] {
        let object = try Descriptor.open(path: filesystem[name], O_RDONLY)
        let look = try FileStatus.of(object.raw)
        #expect(look.flags == [] && look.flagsTold == .all)
        // Also where only a look was allowed.
        let looked = try withCString(Array(filesystem[name].utf8)) { path throws(Errno) in
          try Descriptor.open(path, in: AT_FDCWD, .look)
        }
        try AttributeCalls.changeFlags(looked.raw, adding: flags, removing: [])
        let set = try FileStatus.of(object.raw)
        #expect(set.flags == flags && set.changed != look.changed && set.modified == look.modified)
        #expect(try UInt32(bitPattern: AttributeCalls.inodeFlags(object.raw)) & InodeFlags.all.rawValue == flags.rawValue)
        try AttributeCalls.changeFlags(object.raw, adding: [], removing: flags)
        #expect(try FileStatus.of(object.raw).flags == [])
      }
    }
  }

  /// So nobody can give an object flags by giving it an attribute.
  @Test(arguments: Filesystem.Kind.allCases)
  func noObjectCanHaveAnAttributeOfTheirName(kind: Filesystem.Kind) throws {
    if let reason = Filesystem.reasonToSkip(kind) { return announceSkip("attributes on \(kind)", because: reason) }
    let filesystem = try Filesystem(kind)
    let root = try Descriptor.open(path: filesystem.root, O_RDONLY | O_DIRECTORY)
    let name = "\(InodeFlags.attributeName)"
    #expect(throws: Errno.notSupported) {
      try Array("x".utf8).withUnsafeBytes { try ExtendedAttributes.set(root.raw, name, $0) }
    }
  }

  @Test func theyStandAtTheirPlaceAmongTheAttributes() throws {
    let filesystem = try Filesystem(.ext4)
    try succeed([
      "/bin/sh", "-c",
      """
      cd '\(filesystem.root)'; echo x >file; setfattr -n user.a -v 1 file; setfattr -n trusted.a -v 2 file
      setfacl -m u:5:r file; setfattr -n security.a -v 3 file
      """,
    ])
    let file = try Descriptor.open(path: filesystem["file"], O_RDONLY)
    var reader = ExtendedAttributeReader()
    try reader.read(file.raw)
    let without = reader.encoded
    try reader.read(file.raw, flags: [.immutable, .noDump])
    var with = reader.encoded
    let entry = [21] + Array("system.treeline.flags".utf8) + [4, 0, 0, 0, 0x50, 0, 0, 0]
    #expect(with.count == without.count + entry.count)
    let names = try #require(Self.names(with))
    #expect(names == names.sorted() && names.contains("system.treeline.flags") && names.count == 5)
    #expect(InodeFlags.take(from: &with) == [.immutable, .noDump])
    #expect(with == without)
    #expect(InodeFlags.take(from: &with) == [] && with == without)
    var alone = entry
    #expect(InodeFlags.take(from: &alone) == [.immutable, .noDump] && alone.isEmpty)
  }

  @Test func whatIsMalformedOrUnknownIsNoFlag() {
    func flags(_ value: [UInt8]) -> InodeFlags {
      var encoded = [21] + Array("system.treeline.flags".utf8) + [UInt8(value.count), 0, 0, 0] + value
      return InodeFlags.take(from: &encoded)
    }
    #expect(flags([0x40, 0, 0, 0]) == .noDump)
    #expect(flags([]) == [] && flags([0x40]) == [] && flags([0x40, 0, 0, 0, 0]) == [])
    #expect(flags([0x8f, 0xff, 0xff, 0xff]) == [] && flags([0xff, 0xff, 0xff, 0xff]) == .all)
    for count in 0..<29 {
      var torn = Array(([21] + Array("system.treeline.flags".utf8) + [4, 0, 0, 0, 0x40, 0, 0, 0]).prefix(count))
      #expect(InodeFlags.take(from: &torn) == [] && torn.count == count)
    }
  }

  private static func names(_ encoded: [UInt8]) -> [String]? {
    var names: [String] = []
    var at = 0
    while at < encoded.count {
      let end = at + 1 + Int(encoded[at])
      guard end + 4 <= encoded.count else { return nil }
      names.append(String(decoding: encoded[(at + 1)..<end], as: UTF8.self))
      at = end + 4 + Int(encoded[end]) + Int(encoded[end + 1]) << 8
    }
    return names
  }
}
