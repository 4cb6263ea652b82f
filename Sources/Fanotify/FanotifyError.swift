import SystemPackage

/// A call that was refused: which one, with what, and why.
public struct FanotifyError: Error, Hashable, Sendable {
  /// A call and what it was called with.
  public enum Call: Hashable, Sendable {
    /// fanotify_init(2): the flags of the group, and of the files that its events open.
    case makeGroup(flags: UInt32, fileFlags: UInt32)
    /// fanotify_mark(2).
    case mark(flags: UInt32, events: EventMask)
    /// write(2) of an answer. The corresponding C type is `fanotify_response`.
    case answer(UInt32)
  }

  /// What was called, or would have been.
  public let call: Call
  /// What the kernel answered; where the call was not made, what it would have.
  public let errno: Errno
  /// The rule that the call breaks; nil where the kernel was asked.
  public let refusal: Refusal?

  /// The kernel refused.
  init(_ call: Call, _ errno: Errno) {
    self.call = call
    self.errno = errno
    refusal = nil
  }

  /// The call was not made.
  init(_ call: Call, _ refusal: Refusal) {
    self.call = call
    errno = .invalidArgument
    self.refusal = refusal
  }
}

extension FanotifyError.Call: CustomStringConvertible {
  /// The call as it stands in C, without what it is called upon.
  public var description: String {
    switch self {
    case .makeGroup(let flags, let fileFlags):
      let flags = FlagNames.group.text(of: UInt64(flags))
      return "fanotify_init(\(flags), 0x\(String(fileFlags, radix: 16)))"
    case .mark(let flags, let events):
      return "fanotify_mark(\(FlagNames.mark.text(of: UInt64(flags))), \(events))"
    case .answer(let response):
      return "an answer of \(FlagNames.answer.text(of: UInt64(response)))"
    }
  }
}

extension FanotifyError: CustomStringConvertible {
  /// One line: the call, the error, and what it means here.
  public var description: String {
    let text = "\(call): \(errno.description)"
    guard let reason else { return text }
    return "\(text): \(reason)"
  }
}
