import Capture
import Fanotify
import Glibc
import LinuxSystem
import SystemPackage

/// Looks at what a backup needs, and changes nothing.
public enum Doctor {
  /// Looks at this machine, and at the filesystem of a directory.
  public static func examine(_ path: [UInt8]) -> [DoctorFinding] {
    var findings = [kernel(), capabilities(), limits(), processes()]
    do throws(Errno) {
      let directory = try withCString(path) { text throws(Errno) in
        try Descriptor.open(text, in: AT_FDCWD, OpenFlags(rawValue: O_RDONLY | O_NONBLOCK))
      }
      guard try FileStatus.of(directory.raw).kind == .directory else { throw .notDirectory }
      findings += [
        mark(.filesystem, directory.raw), mark(.mount, directory.raw),
        mark(.inode, directory.raw), handles(directory.raw), attributes(directory.raw),
        lists(directory.raw), mounts(in: path, directory.raw),
      ]
    } catch {
      findings.append(
        DoctorFinding(
          "directory", .fails, "\(printable(path)): \(error.description)",
          advice: "name a directory that this user may read"))
    }
    return findings
  }

  /// What is mounted inside, and what `--cross-filesystems` would do with it.
  private static func mounts(in path: [UInt8], _ directory: Int32) -> DoctorFinding {
    do throws(Errno) {
      let tree = try Descriptor.cloneTree(of: directory)
      let table = try GraftTable(source: JournalPlace.absolute(path), root: tree.raw)
      if table.isEmpty, table.leftOut.isEmpty { return DoctorFinding("mounts", .works, "nothing is mounted inside") }
      func names(_ entries: [MountEntry]) -> String {
        let shown = entries.prefix(5).map { printable($0.path) }.joined(separator: ", ")
        return entries.count > 5 ? "\(shown) and \(entries.count - 5) more" : shown
      }
      var text = "\(table.grafts.count) mounts inside can be followed"
      if !table.isEmpty { text += " (\(names(table.grafts.map(\.entry))))" }
      if !table.leftOut.isEmpty { text += ", \(table.leftOut.count) cannot (\(names(table.leftOut.map(\.entry))))" }
      return DoctorFinding(
        "mounts", .works, text, advice: table.isEmpty ? nil : "with --cross-filesystems; without it they are left out")
    } catch {
      return DoctorFinding(
        "mounts", .limited, "what is mounted inside cannot be followed: \(error)",
        advice: "--cross-filesystems needs CAP_SYS_ADMIN")
    }
  }

  /// Linux 5.17 reports the object with every name; 6.13 made ctime an exact detector of changes.
  private static func kernel() -> DoctorFinding {
    let release = release()
    let numbers = release.split { !$0.isNumber }.compactMap { Int($0) }
    guard numbers.count >= 2 else { return DoctorFinding("kernel", .limited, "Linux \(release)") }
    let version = (numbers[0], numbers[1])
    if version < (5, 17) {
      return DoctorFinding(
        "kernel", .fails, "Linux \(release)", advice: "Linux 5.17 is the oldest that reports enough")
    }
    if version < (6, 13) {
      return DoctorFinding(
        "kernel", .limited, "Linux \(release): change times are coarse, so a restart compares more",
        advice: "Linux 6.13 and later keep fine ones")
    }
    return DoctorFinding("kernel", .works, "Linux \(release)")
  }

  /// What `--who` can know of processes that live for a moment.
  private static func processes() -> DoctorFinding {
    do throws(Errno) {
      _ = try ProcessEvents()
      return DoctorFinding("who", .works, "--who is told when processes begin")
    } catch {
      return DoctorFinding(
        "who", .limited,
        "--who is not told when processes begin (\(error)): many that end at once stay unknown",
        advice: error == .notPermitted
          ? "Linux before 6.6 takes CAP_NET_ADMIN for it" : "run it outside the container")
    }
  }

  private static func release() -> String {
    var name = utsname()
    uname(&name)
    return withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The numbers are those of linux/capability.h. The first two are for watching, the others for
  /// making a copy with all its attributes.
  private static let needed: [(bit: UInt64, name: String, isForWatching: Bool)] = [
    (21, "CAP_SYS_ADMIN", true), (2, "CAP_DAC_READ_SEARCH", true), (0, "CAP_CHOWN", false),
    (1, "CAP_DAC_OVERRIDE", false), (3, "CAP_FOWNER", false), (4, "CAP_FSETID", false),
    (27, "CAP_MKNOD", false), (31, "CAP_SETFCAP", false),
  ]

  private static func capabilities() -> DoctorFinding {
    guard let held = effectiveCapabilities() else {
      return DoctorFinding(
        "capabilities", .limited, "/proc/self/status cannot be read", advice: "mount /proc")
    }
    let missing = needed.filter { held >> $0.bit & 1 == 0 }
    if missing.isEmpty { return DoctorFinding("capabilities", .works, "all that are needed") }
    let names = missing.map(\.name).joined(separator: ", ")
    return DoctorFinding(
      "capabilities", .limited, "without \(names)",
      advice: "run it as root, or give a service AmbientCapabilities="
        + (missing.contains { $0.isForWatching } ? "; without them use --mark inode" : ""))
  }

  private static func effectiveCapabilities() -> UInt64? {
    guard let file = try? Descriptor.open(path: "/proc/self/status", O_RDONLY),
      let text = try? FileBytes.readAll(file.raw, limit: 65_536)
    else { return nil }
    let prefix = "CapEff:"
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where line.hasPrefix(prefix) {
      return UInt64(line.dropFirst(prefix.count).filter(\.isHexDigit), radix: 16)
    }
    return nil
  }

  private static func limits() -> DoctorFinding {
    guard let limits = try? QueueLimits() else {
      return DoctorFinding(
        "fanotify limits", .limited, "/proc/sys/fs/fanotify cannot be read")
    }
    let found = "\(limits.queuedEventsMax) queued events, \(limits.groupsMax) groups, \(limits.marksMax) marks"
    // The default of Linux; below it bursts overflow, which costs a pass over the tree each time.
    guard limits.queuedEventsMax < 16_384 else {
      return DoctorFinding("fanotify limits", .works, found)
    }
    return DoctorFinding(
      "fanotify limits", .limited, found, advice: "sysctl fs.fanotify.max_queued_events=16384")
  }

  /// Where inode marks work, what the others lack is not all.
  private static func mark(_ kind: MarkKind, _ directory: Int32) -> DoctorFinding {
    let check = "\(kind.rawValue) mark"
    do throws(FanotifyError) {
      let group = try NotificationGroup()
      switch kind {
      case .filesystem:
        let top = try? FilesystemTop(of: directory)
        try group.watch(.filesystem, for: .create, at: top?.raw ?? directory)
      case .mount: try group.watch(.mount, for: .modify, at: directory)
      case .inode: try group.watch(.inode, for: .modify, at: directory)
      }
      return DoctorFinding(
        check, .works, "reports all but " + kind.unseen.joined(separator: "; "))
    } catch {
      let advice: String
      switch error.errno {
      case .notPermitted: advice = "run it as root: this needs CAP_SYS_ADMIN"
      case .improperLink: advice = "the mount of a subvolume cannot be marked, and its filesystem only where its devices are at hand"
      case .notSupported, .operationNotSupportedByDevice:
        advice =
          kind == .inode
          ? "this filesystem reports nothing: back up one below or beside it"
          : "this filesystem cannot be watched as a whole: use --mark inode"
      case .noFunction: advice = "use a kernel with CONFIG_FANOTIFY"
      default: advice = "see fanotify_mark(2)"
      }
      return DoctorFinding(
        check, kind == .inode ? .fails : .limited, error.errno.description, advice: advice)
    }
  }

  private static func handles(_ directory: Int32) -> DoctorFinding {
    do throws(Errno) {
      guard try ObjectIdentity(of: directory) == .handle else { throw .notSupported }
      let key = try ObjectKey.of(directory)
      _ = try key.open(mount: directory, flags: O_RDONLY)
      return DoctorFinding("file handles", .works, "objects are found wherever they were moved")
    } catch {
      return DoctorFinding(
        "file handles", .limited,
        "cannot be opened (\(error)): with --mark inode objects are found under their names",
        advice: error == .notPermitted
          ? "run it as root: this needs CAP_DAC_READ_SEARCH"
          : "this filesystem gives none that last")
    }
  }

  private static func attributes(_ directory: Int32) -> DoctorFinding {
    support("extended attributes", "user.treeline", directory)
  }

  private static func lists(_ directory: Int32) -> DoctorFinding {
    support("access control lists", "system.posix_acl_access", directory)
  }

  private static func support(
    _ check: String, _ attribute: String, _ directory: Int32
  ) -> DoctorFinding {
    do throws(Errno) {
      if try ExtendedAttributes.isSupported(attribute, at: directory) {
        return DoctorFinding(check, .works, "kept here")
      }
      return DoctorFinding(
        check, .limited, "not kept here",
        advice: "as a destination this filesystem loses them; each loss would be reported")
    } catch {
      return DoctorFinding(check, .limited, error.description)
    }
  }
}
