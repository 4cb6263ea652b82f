/// What is known of a process: read while it was certain which one had the number.
///
/// What is not known is empty or nil; nothing is guessed.
public struct ProcessRecord: Hashable, Sendable {
  /// How it stood with the process when it was looked at.
  public enum Standing: UInt8, Sendable, CaseIterable {
    /// It lived.
    case alive
    /// It had ended, and its parent had not waited for it: only part can still be read.
    case exited
    /// It had ended and was waited for, or is in another namespace. The corresponding C constant is
    /// FAN_NOPIDFD.
    case gone
    /// The kernel could make no descriptor of it. The corresponding C constant is FAN_EPIDFD.
    case unreachable
    /// No process: reports were lost, and any may have been meant.
    case lost
    /// No process: there were more than are listed.
    case others
  }

  /// When the program, its arguments and its owners were read.
  public enum Origin: UInt8, Sendable, CaseIterable {
    /// When what it did was reported.
    case report
    /// When it began to run the program, see execve(2), or changed its owner.
    case start
    /// They are its parent's when it was forked, see fork(2), and it has run no other program since.
    case fork
  }

  /// As our namespace numbers it; 0 where it is in another one.
  public var pid: Int32
  public var standing: Standing
  public var origin: Origin
  /// When it was forked, in clock ticks since boot; 0 where that is unknown.
  public var startTicks: UInt64 = 0
  /// 0 where that is unknown.
  public var parent: Int32 = 0
  /// The user that the kernel checks for file access. See credentials(7).
  public var uid: UInt32?
  /// Who logged in, as audit keeps it over su and sudo; nil also for what nobody's login began.
  public var loginUID: UInt32?
  /// The path of the program.
  public var executable: [UInt8] = []
  /// The short name, of at most 15 bytes.
  public var commandName: [UInt8] = []
  /// The command line, each argument ended by NUL; what is beyond `argumentBytesMax` is left out.
  public var arguments: [UInt8] = []
  /// The path in the hierarchy of control groups that systemd uses.
  public var controlGroup: [UInt8] = []

  /// Most command lines are shorter; those of compilers and linkers say in the beginning what they do.
  public static let argumentBytesMax = 1_024
  /// The longest path of a program or a control group. The C constant is PATH_MAX.
  public static let pathBytesMax = 4_096

  public init(pid: Int32, standing: Standing, origin: Origin = .report) {
    self.pid = pid
    self.standing = standing
    self.origin = origin
  }

  /// Bytes of memory that it takes, roughly.
  public var residentBytes: Int {
    160 + executable.count + commandName.count + arguments.count + controlGroup.count
  }

  /// Whether it is known what program it ran.
  public var isNamed: Bool { !executable.isEmpty || !commandName.isEmpty }

  /// The systemd unit that it ran in: the innermost service, scope or the like; empty where there is
  /// none. See systemd.unit(5).
  public var unit: ArraySlice<UInt8> {
    let components = controlGroup.split(separator: UInt8(ascii: "/"))
    return components.last { component in
      Self.unitEndings.contains { component.count > $0.count && component.suffix($0.count).elementsEqual($0) }
    } ?? []
  }

  private static let unitEndings = [".service", ".scope", ".socket", ".mount", ".swap"].map {
    Array($0.utf8)
  }
}

extension ProcessRecord {
  /// Whether two looks were at the same process, running the same program.
  public func isSame(as other: ProcessRecord) -> Bool {
    guard pid == other.pid, pid != 0 || standing == other.standing else { return false }
    // Of one that was forked and never seen alive the start is not known.
    if startTicks != other.startTicks, startTicks != 0, other.startTicks != 0 { return false }
    return executable == other.executable || executable.isEmpty || other.executable.isEmpty
  }
}
