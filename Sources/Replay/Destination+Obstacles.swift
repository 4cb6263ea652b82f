import LinuxSystem
import SystemPackage
import Tree

/// What is in the way at a destination: what is not ours, and flags that forbid changes.
extension Destination {
  /// Moves what is not ours out of the way, to a free name in `foreign`.
  func moveToForeign(_ name: [UInt8], in directory: Int32) throws(Errno) {
    try putInForeign(name, in: directory) { name, target, foreign throws(Errno) in
      try Names.rename(name, in: directory, to: target, in: foreign, replacing: false)
    }
  }

  /// Keeps what is about to be replaced, and is not ours, under a free name in `foreign`.
  func linkToForeign(_ name: [UInt8], in directory: Int32) throws(Errno) {
    try putInForeign(name, in: directory) { name, target, foreign throws(Errno) in
      try Names.link(name, in: directory, to: target, in: foreign)
    }
  }

  private func putInForeign(
    _ name: [UInt8], in directory: Int32,
    _ put: (UnsafePointer<CChar>, UnsafePointer<CChar>, Int32) throws(Errno) -> Void
  ) throws(Errno) {
    let foreign = try Self.makeDirectory("foreign", in: own.raw)
    let stem = Array(name.prefix(240))
    var mayClear = true
    var number = 0
    while number < 1_000_000 {
      let target = number == 0 ? stem : stem + Array(".\(number)".utf8)
      do throws(Errno) {
        return try withCString(name) { name throws(Errno) in
          try withCString(target) { target throws(Errno) in
            try put(name, target, foreign.raw)
          }
        }
      } catch .fileExists {
        number += 1
      } catch .notPermitted {
        // An immutable file is in the way like any other; in `foreign` it may be changed.
        guard mayClear, clearForbiddingFlags(name, in: directory) else { throw .notPermitted }
        mayClear = false
      }
    }
    throw Errno.fileExists
  }

  /// Clears the flags of chattr(1) that forbid a change, on an object and on the directory it is in.
  ///
  /// - Returns: whether there was anything to clear.
  func clearForbiddingFlags(_ name: [UInt8], in directory: Int32) -> Bool {
    var isCleared = false
    if let status = try? FileStatus.ofFlags(directory) { isCleared = clearForbiddingFlags(directory, status) }
    withCString(name) { name in
      guard let object = try? Descriptor.open(name, in: directory, .look),
        let status = try? FileStatus.of(object.raw)
      else { return }
      if clearForbiddingFlags(object.raw, status) { isCleared = true }
    }
    return isCleared
  }

  /// Clears what forbids a change of an open object; O_PATH descriptors serve.
  ///
  /// - Returns: whether there was anything to clear.
  @discardableResult
  func clearForbiddingFlags(_ descriptor: Int32, _ status: FileStatus) -> Bool {
    guard !status.flags.isDisjoint(with: .forbidding),
      status.kind == .regular || status.kind == .directory
    else { return false }
    do throws(Errno) {
      try willClearFlags?(try FileStatus.of(descriptor))
      try AttributeCalls.changeFlags(descriptor, adding: [], removing: .forbidding)
      return true
    } catch {
      // What is refused for its flags is told as refused.
      return false
    }
  }
}
