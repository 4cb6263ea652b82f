import CLinux
import Glibc
import SystemPackage

/// Runs a call of `CLinux` until a signal no longer interrupts it.
///
/// EBADF and EFAULT are bugs of ours, so they trap.
/// - Throws: the `Errno` that the call gave.
@inlinable @discardableResult
package func retrying<Result: FixedWidthInteger>(
  _ call: () -> Result
) throws(Errno) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let code = Int32(truncatingIfNeeded: 0 &- result)
    if code == EINTR { continue }
    precondition(code != EBADF && code != EFAULT, "a bad descriptor or address: a bug")
    throw Errno(rawValue: code)
  }
}

/// Lends `bytes` to C as a text that ends with NUL.
///
/// - Precondition: `bytes` holds no NUL: names and paths never do.
@inlinable
package func withCString<Value: ~Copyable, Failure: Error>(
  _ bytes: some Collection<UInt8>, _ body: (UnsafePointer<CChar>) throws(Failure) -> Value
) throws(Failure) -> Value {
  let count = bytes.count
  var outcome: Swift.Result<Value, Failure>? = nil
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { buffer in
    var at = 0
    for byte in bytes {
      buffer[at] = CChar(bitPattern: byte)
      at += 1
    }
    buffer[count] = 0
    do throws(Failure) {
      outcome = .success(try body(UnsafePointer(buffer.baseAddress!)))
    } catch {
      outcome = .failure(error)
    }
  }
  return try outcome.take()!.get()
}
