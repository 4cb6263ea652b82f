import CLinux
import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// What is refused before the kernel is asked is what the kernel refuses, and nothing else.
struct RefusalTests {
  @Test func groupsAreRefusedAsTheKernelDoes() throws {
    guard Self.isPrivileged, Self.knowsEverything else {
      return announceSkip(#function, because: "it needs root and Linux 6.14")
    }
    let seed = Thoroughness.seed()
    print("groupsAreRefusedAsTheKernelDoes: seed \(seed)")
    var random = SeededRandom(seed: seed)
    var made = 0
    var reasons: Set<Refusal> = []
    // Each bit alone and each pair, because rules are about pairs; then whatever.
    var combinations = (0..<20).flatMap { high in (0...high).map { UInt32(1) << high | 1 << $0 } }
    combinations += (0..<(Thoroughness.isFull ? 20_000 : 3_000)).map { _ in
      UInt32(truncatingIfNeeded: random.next() & random.next()) & 0x7FFF
    }
    for flags in combinations {
      // Most files are plain ones, or their errors would hide those of the flags.
      let odd = random.next() % 8 == 0
      let fileFlags = odd ? UInt32(truncatingIfNeeded: random.next() & random.next()) & 0x7F_FFFF : 0
      let refusal = Refusal(groupFlags: flags, fileFlags: fileFlags)
      let result = cl_fanotify_init(flags, fileFlags)
      if result >= 0 {
        close(result)
        made += 1
      }
      if let refusal { reasons.insert(refusal) }
      // A group beyond the limit is refused with EMFILE, after all rules.
      #expect(
        refusal == nil ? result != -EINVAL : result == -EINVAL,
        "seed \(seed): 0x\(String(flags, radix: 16)), 0x\(String(fileFlags, radix: 16)): \(result), \(String(describing: refusal))")
    }
    #expect(made > 20)
    #expect(reasons == Self.reasons(through: .twoClasses))
  }

  @Test func marksAreRefusedAsTheKernelDoes() throws {
    guard Self.isPrivileged, Self.knowsEverything else {
      return announceSkip(#function, because: "it needs root and Linux 6.14")
    }
    let seed = Thoroughness.seed()
    print("marksAreRefusedAsTheKernelDoes: seed \(seed)")
    var random = SeededRandom(seed: seed)
    let filesystem = try Filesystem(.ext4, bytes: 64 << 20)
    let root = try Descriptor.open(path: filesystem.root, O_RDONLY | O_DIRECTORY)
    let file = try Descriptor.open("f", in: root.raw, .make, mode: 0o644)
    let namespace = try Descriptor.open(path: "/proc/self/ns/mnt", O_RDONLY)
    let groups = [
      FAN_CLASS_NOTIF, FAN_CLASS_CONTENT, FAN_CLASS_PRE_CONTENT, FAN_REPORT_FID,
      FAN_REPORT_DIR_FID, FAN_REPORT_DIR_FID | FAN_REPORT_NAME,
      FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID,
      CL_FAN_REPORT_MNT,
    ].map(UInt32.init(bitPattern:))
    var reasons: Set<Refusal> = []
    var accepted = 0
    for groupFlags in groups {
      let group = Descriptor(owning: try retrying { cl_fanotify_init(groupFlags, 0) })
      let rounds = Thoroughness.isFull ? 100_000 : 5_000
      let made = (0..<rounds).map { _ in (Self.markFlags(&random), Self.events(&random)) }
      for (flags, events) in Self.wrongMarks + made {
        // A namespace mark wants a namespace; to anything else it would say EINVAL for that reason.
        let isNamespace = flags & UInt32(CL_FAN_MARK_MNTNS) == UInt32(CL_FAN_MARK_MNTNS)
        let object = isNamespace ? namespace.raw : random.next() % 4 == 0 ? file.raw : root.raw
        let refusal = Refusal(markFlags: flags, events: events, groupFlags: groupFlags)
        let result = cl_fanotify_mark(group.raw, flags, events.rawValue, object, nil)
        if let refusal { reasons.insert(refusal) }
        accepted += result == 0 ? 1 : 0
        // The last rule alone comes after a look at the object, which FAN_MARK_ONLYDIR may refuse.
        let isNoDirectory = refusal == .ignoreMustLast && result == -ENOTDIR
        #expect(
          refusal == nil ? result != -EINVAL : result == -EINVAL || isNoDirectory,
          "seed \(seed): \(FlagNames.group.text(of: UInt64(groupFlags))), \(FlagNames.mark.text(of: UInt64(flags))), \(events): \(result), \(String(describing: refusal))")
      }
    }
    #expect(accepted > 1_000)
    #expect(reasons == Self.reasons(through: .ignoreMustLast).subtracting(Self.reasons(through: .twoClasses)))
  }

  @Test func aRefusalSaysWhichCallAndWhy() throws {
    let group = try NotificationGroup(.objectHandle)
    let root = try Descriptor.open(path: "/", O_RDONLY | O_DIRECTORY)
    do throws(FanotifyError) {
      try group.watch(.mount, for: [.create, .onDirectory], at: root.raw)
      Issue.record("a mount mark for names was accepted")
    } catch {
      #expect(error.errno == .invalidArgument && error.refusal == .eventNotOnMount)
      #expect(
        error.description
          == "fanotify_mark(FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CREATE | FAN_ONDIR): Invalid argument: an event is not known to FAN_MARK_MOUNT")
    }
    do throws(FanotifyError) {
      _ = try NotificationGroup([.objectHandle, .processDescriptor, .threadID])
      Issue.record("descriptors of processes were accepted beside threads")
    } catch {
      #expect(error.refusal == .processOfThread)
    }
  }

  @Test func whatTheKernelRefusesHasTheManualsReason() throws {
    guard Self.isPrivileged else { return announceSkip(#function, because: "it needs root") }
    let watched = try WatchedFilesystem(.tmpfs)
    try watched.write("f")
    #expect(try Self.errno { () throws(FanotifyError) in
      try watched.group.watch(.inode, for: .modify, at: watched.root.raw, path: "none")
    } == .noSuchFileOrDirectory)
    #expect(try Self.errno { () throws(FanotifyError) in
      try watched.group.remove(.mount, for: .modify, at: watched.root.raw)
    } == .noSuchFileOrDirectory)
    #expect(try Self.errno { () throws(FanotifyError) in
      try watched.group.watch(.inode, for: .create, at: watched.root.raw, path: "f")
    } == .notDirectory)
    #expect(try Self.errno { () throws(FanotifyError) in
      try watched.group.watch(.inode, for: .modify, at: watched.root.raw, path: "f", .onlyDirectory)
    } == .notDirectory)
    #expect(try Self.errno { () throws(FanotifyError) in
      try watched.group.ignore(.inode, for: .modify, .untilModified, at: watched.root.raw)
    } == .isDirectory)
    try watched.group.watch(.inode, for: .modify, at: watched.root.raw, path: "f")
    #expect(try Self.errno { () throws(FanotifyError) in
      try watched.group.watch(.inode, for: .attributes, at: watched.root.raw, path: "f", .evictable)
    } == .fileExists)
  }

  @Test func whatAFilesystemDoesNotTakeHasTheManualsReason() throws {
    guard Self.isPrivileged, Self.knowsEverything else {
      return announceSkip(#function, because: "it needs root and Linux 6.14")
    }
    let preContent = try DescriptorGroup(.preContent)
    let handles = try NotificationGroup(.objectHandle)
    let memory = try Filesystem(.tmpfs, bytes: 1 << 20)
    // Content comes from elsewhere on filesystems that keep it on a disk.
    #expect(try Self.errno { () throws(FanotifyError) in
      try preContent.watch(.filesystem, for: .preAccess, at: AT_FDCWD, path: memory.root)
    } == .notSupported)
    // Opening a file there may wait for whoever is asked about it.
    #expect(try Self.errno { () throws(FanotifyError) in
      try preContent.watch(.filesystem, for: .openPermission, at: AT_FDCWD, path: "/proc")
    } == .invalidArgument)
    if let reason = Filesystem.reasonToSkip(.btrfs) ?? Self.reasonWithoutSubvolumes {
      return announceSkip("a subvolume of btrfs", because: reason)
    }
    let btrfs = try Filesystem(.btrfs, bytes: 400 << 20)
    try succeed(["btrfs", "subvolume", "create", btrfs["s"]])
    #expect(try Self.errno { () throws(FanotifyError) in
      try handles.watch(.filesystem, for: .create, at: AT_FDCWD, path: btrfs["s"])
    } == .improperLink)
    try handles.watch(.filesystem, for: .create, at: AT_FDCWD, path: btrfs.root)
  }

  private static var reasonWithoutSubvolumes: String? {
    findTool("btrfs") == nil ? "btrfs is not installed" : nil
  }

  /// The error of a call that must be refused by the kernel, and for which a reason is known.
  private static func errno(_ call: () throws(FanotifyError) -> Void) throws -> Errno? {
    do throws(FanotifyError) {
      try call()
      return nil
    } catch {
      #expect(error.refusal == nil && error.reason != nil, "\(error)")
      return error.errno
    }
  }

  private static let isPrivileged = geteuid() == 0

  /// Whether this kernel has all that the rules speak of.
  private static let knowsEverything: Bool = {
    let group = cl_fanotify_init(UInt32(CL_FAN_REPORT_MNT), 0)
    if group >= 0 { close(group) }
    return group >= 0
  }()

  private static func reasons(through last: Refusal) -> Set<Refusal> {
    Set(Refusal.allCases.prefix { $0 != last } + [last])
  }

  /// For each rule a mark that breaks it, in one of the groups.
  private static let wrongMarks: [(UInt32, EventMask)] = {
    let add = UInt32(FAN_MARK_ADD)
    let mount = add | UInt32(FAN_MARK_MOUNT)
    let ignore = UInt32(FAN_MARK_IGNORE)
    return [
      (add | 0x8000, .access), (add | UInt32(FAN_MARK_REMOVE), .access), (add, []),
      (UInt32(FAN_MARK_FLUSH | FAN_MARK_ONLYDIR), .access), (add, EventMask(rawValue: 1 << 40)),
      (add | ignore | UInt32(FAN_MARK_IGNORED_MASK), .access), (add, .access),
      (add, .mountAttached), (add, .openPermission), (add, .preAccess), (add, .filesystemError),
      (mount | UInt32(FAN_MARK_EVICTABLE), .access), (add, .create), (mount, .create),
      (add, .rename), (add, [.preAccess, .onDirectory]), (mount | ignore, .access),
    ]
  }()

  /// Flags that are mostly plausible: random ones would break the first rule nearly always.
  private static func markFlags(_ random: inout SeededRandom) -> UInt32 {
    var flags = UInt32(FAN_MARK_ADD)
    if random.next() % 4 == 0 { flags = UInt32(FAN_MARK_REMOVE) }
    if random.next() % 32 == 0 { flags = UInt32(FAN_MARK_FLUSH) }
    flags |= [0, 0x10, 0x100, 0x110].map(UInt32.init)[Int(random.next() % 4)]
    if random.next() % 3 == 0 {
      flags |= [FAN_MARK_IGNORE, FAN_MARK_IGNORED_MASK, FAN_MARK_IGNORED_SURV_MODIFY,
        FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY, FAN_MARK_EVICTABLE, FAN_MARK_ONLYDIR,
      ].map(UInt32.init)[Int(random.next() % 6)]
    }
    if random.next() % 8 == 0 { flags |= UInt32(truncatingIfNeeded: 1 << (random.next() % 13)) }
    return flags
  }

  /// A few events, seldom none, sometimes such as nobody knows.
  private static func events(_ random: inout SeededRandom) -> EventMask {
    let families: [EventMask] = [
      .allWithFile.subtracting(.allPermissions).subtracting(.allMounts), .known, .allPermissions,
      .allMounts, [.access, .modify, .onDirectory], [.create, .delete, .onChild],
    ]
    var bits = families[Int(random.next() % 6)].rawValue & random.next()
    if random.next() % 2 == 0 { bits &= random.next() }
    if random.next() % 32 == 0 { bits |= 1 << (random.next() % 64) }
    return EventMask(rawValue: bits)
  }
}
