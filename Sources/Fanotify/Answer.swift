import CLinux
import Glibc
import SystemPackage

/// What is said to a permission event. The corresponding C type is `fanotify_response`.
public struct Answer: Hashable, Sendable {
  /// What a process gets that is denied.
  public enum Denial: Hashable, Sendable, CaseIterable {
    /// `EPERM`, which every group may give.
    case notPermitted
    /// `EIO`; this and what follows is for groups that fill in content (Linux 6.14).
    case inputOutputError
    /// `EBUSY`.
    case busy
    /// `ETXTBSY`.
    case textFileBusy
    /// `EAGAIN`.
    case tryAgain
    /// `ENOSPC`.
    case noSpace
    /// `EDQUOT`.
    case overQuota

    var code: Int32 {
      switch self {
      // No number at all is EPERM, and all that a kernel before 6.14 takes.
      case .notPermitted: 0
      case .inputOutputError: EIO
      case .busy: EBUSY
      case .textFileBusy: ETXTBSY
      case .tryAgain: EAGAIN
      case .noSpace: ENOSPC
      case .overQuota: EDQUOT
      }
    }
  }

  /// The rule by which it was decided, for the audit log (Linux 6.3). The corresponding C type is
  /// `fanotify_response_info_audit_rule`.
  public struct Rule: Hashable, Sendable {
    /// Whether something is trusted.
    public enum Trust: UInt32, Hashable, Sendable {
      /// It is not trusted.
      case no = 0
      /// It is trusted.
      case yes = 1
      /// Nobody knows.
      case unknown = 2
    }

    /// The number that the answering program gives to the rule.
    public let number: UInt32
    /// Whether the process is trusted.
    public let subject: Trust
    /// Whether the file is trusted.
    public let object: Trust

    /// A rule, and what it found.
    public init(number: UInt32, subject: Trust = .unknown, object: Trust = .unknown) {
      self.number = number
      self.subject = subject
      self.object = object
    }
  }

  /// What is written: allow or deny, flags, and the errno in the highest byte.
  let response: UInt32
  let rule: Rule?

  private init(_ response: UInt32, rule: Rule? = nil) {
    self.response = response
    self.rule = rule
  }

  /// The process goes on. The corresponding C constant is FAN_ALLOW.
  public static let allow = Answer(UInt32(bitPattern: FAN_ALLOW))

  /// The process gets `EPERM`. The corresponding C constant is FAN_DENY.
  public static let deny = Answer.deny(.notPermitted)

  /// The process gets this error. The corresponding C macro is FAN_DENY_ERRNO.
  public static func deny(_ denial: Denial) -> Answer {
    Answer(UInt32(bitPattern: FAN_DENY | denial.code << CL_FAN_ERRNO_SHIFT))
  }

  /// The same answer with a record in the audit log, in a group made with
  /// `DescriptorGroup.Options.audit`.
  ///
  /// The corresponding C constants are FAN_AUDIT and, with a rule, FAN_INFO.
  public func audited(by rule: Rule? = nil) -> Answer {
    let info = rule == nil ? 0 : CL_FAN_INFO
    return Answer(response | UInt32(bitPattern: FAN_AUDIT | info), rule: rule)
  }

  /// To allow or to deny, and no more.
  var withoutExtras: Answer { response & UInt32(bitPattern: FAN_DENY) != 0 ? .deny : .allow }

  /// Why a group made with these flags does not take the answer; nil where it does.
  func refusal(groupFlags: UInt32) -> Refusal? {
    if response & UInt32(bitPattern: FAN_AUDIT) != 0,
      groupFlags & UInt32(bitPattern: FAN_ENABLE_AUDIT) == 0
    {
      return .auditNeedsGroup
    }
    if response >> CL_FAN_ERRNO_SHIFT != 0,
      groupFlags & UInt32(bitPattern: FAN_CLASS_PRE_CONTENT) == 0
    {
      return .errorNeedsPreContentClass
    }
    return nil
  }
}
