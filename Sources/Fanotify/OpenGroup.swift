import CLinux
import LinuxSystem
import Synchronization

/// What a group shares with its events that wait for an answer, which may outlast it.
///
/// When the group goes its descriptor is closed at once, and nobody waits any more; an answer that
/// comes later must not be written, because the number may stand for another file by then.
final class OpenGroup: Sendable {
  /// The descriptor's number, to be used while the group lives.
  let raw: Int32
  let flags: UInt32
  private let descriptor: Mutex<Descriptor?>

  init(_ descriptor: consuming Descriptor, flags: UInt32) {
    raw = descriptor.raw
    self.flags = flags
    self.descriptor = Mutex(consume descriptor)
  }

  /// Closes the group: everybody is let through.
  func close() {
    // Closed outside of the lock, because it takes the kernel a while.
    _ = descriptor.withLock { $0.take() }
  }

  /// Gives the answer to whoever waits for this file.
  ///
  /// - Returns: -errno where it is not taken; -ENOENT where the group is closed.
  @discardableResult
  func answer(_ answer: Answer, about file: Int32) -> Int32 {
    descriptor.withLock { descriptor in
      switch descriptor {
      case nil:
        return -ENOENT
      case .some(let open):
        guard let rule = answer.rule else {
          return cl_fanotify_answer(open.raw, file, answer.response, nil)
        }
        var record = cl_audit_rule(
          number: rule.number, subject_trust: rule.subject.rawValue,
          object_trust: rule.object.rawValue)
        return cl_fanotify_answer(open.raw, file, answer.response, &record)
      }
    }
  }
}
