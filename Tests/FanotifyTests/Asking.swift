import Glibc
import LinuxSystem

/// A call on a thread of its own, which a group may hold up until it is answered.
///
/// Nothing waits for it unless it is asked for its outcome: a test that fails leaves nothing hanging.
final class Asking: Sendable {
  private let result = Guarded<Int32?>(nil)
  private let thread: Thread

  /// Starts `call`, which returns -errno or something else that is not negative.
  init(_ call: @escaping @Sendable () -> Int32) {
    let result = self.result
    thread = Thread("test-asking") { result.change { $0 = call() } }
  }

  /// Opens a file for reading.
  convenience init(toOpen path: String) {
    self.init {
      let file = open(path, O_RDONLY | O_CLOEXEC)
      if file >= 0 { close(file) }
      return file < 0 ? -errno : 0
    }
  }

  /// What the call gave, once it has ended.
  func outcome() -> Int32 {
    defer { thread.join() }
    return result.wait { $0 } ?? -ETIMEDOUT
  }
}
