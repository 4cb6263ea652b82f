import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// One event with its open file, which it owns; it may be handed to another thread.
///
/// If it waits for an answer and goes without one, the answer is to allow: nobody sleeps for ever
/// because of a return that was forgotten.
public struct FileEvent: ~Copyable, Sendable {
  /// What happened; several bits where Linux merged several events.
  public let mask: EventMask
  /// The process that caused the event, or its thread, as this process' namespace numbers it; 0 where
  /// it is in another one.
  public let pid: Int32
  /// The file, open until the event goes; `keepFile()` makes a descriptor that lasts.
  public let file: EventFile
  /// The process that caused the event, in a group made with `DescriptorGroup.Options.processDescriptor`;
  /// the event, not a buffer, holds its descriptor.
  public let process: EventProcess?
  /// The bytes that are about to be touched, where the event says so: `EventMask.preAccess`.
  public let range: FileRange?
  /// The group that an answer is owed to.
  private var asking: OpenGroup?

  /// Takes over the descriptors in an event.
  init(_ event: borrowing Event, _ group: OpenGroup) {
    mask = event.mask
    pid = event.pid
    file = EventFile(event.fileValue, errorNumbers: event.errorNumbers)
    process = event.process
    range = event.range
    // One whose file could not be opened was denied by Linux already.
    if !mask.isDisjoint(with: .allPermissions), case .descriptor = file { asking = group }
  }

  deinit {
    // First the answer: it names the file by its number, which may stand for another one once it is
    // closed.
    if let asking, case .descriptor(let raw) = file {
      asking.answer(.allow, about: raw)
    }
    if case .descriptor(let raw) = file { close(raw) }
    if case .descriptor(let raw) = process { close(raw) }
  }

  /// Whether somebody sleeps until this event is answered.
  public var awaitsAnswer: Bool { asking != nil }

  /// Answers, and closes the event's descriptors.
  ///
  /// - Precondition: the event awaits an answer.
  /// - Throws: a refusal where the group, or `EINVAL` where this kernel, does not take such an answer:
  ///   then it was to allow or to deny and no more. `ENOENT` where nobody waits any more, because the
  ///   process was killed or the group is closed.
  public consuming func answer(_ answer: Answer) throws(FanotifyError) {
    guard let group = asking, case .descriptor(let raw) = file else {
      preconditionFailure("only an event that awaits an answer is answered")
    }
    asking = nil
    let call = FanotifyError.Call.answer(answer.response)
    if let refusal = answer.refusal(groupFlags: group.flags) {
      group.answer(answer.withoutExtras, about: raw)
      throw FanotifyError(call, refusal)
    }
    let result = group.answer(answer, about: raw)
    if result >= 0 { return }
    if result == -EINVAL { group.answer(answer.withoutExtras, about: raw) }
    throw FanotifyError(call, Errno(rawValue: -result))
  }

  /// A descriptor of the file that outlasts the event; nil where the event has none.
  ///
  /// - Throws: `EMFILE` where too many files are open. See fcntl(2), F_DUPFD_CLOEXEC.
  public borrowing func keepFile() throws(Errno) -> Descriptor? {
    guard case .descriptor(let raw) = file else { return nil }
    return Descriptor(owning: try retrying { cl_duplicate(raw) })
  }
}
