import Glibc
import SystemPackage

/// Takes an exclusive lock as `FileBytes.lock` does, and waits up to a second for who holds it: a process that was
/// killed keeps its files until its memory is gone.
///
/// - Returns: false when another process holds it.
public func lockPatiently(_ descriptor: Int32) throws(Errno) -> Bool {
  let deadline = monotonicNanoseconds() + 1_000_000_000
  while try !FileBytes.lock(descriptor) {
    if monotonicNanoseconds() > deadline { return false }
    usleep(10_000)
  }
  return true
}
