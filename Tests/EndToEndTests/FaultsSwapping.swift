import Foundation
import Glibc

/// A thread that swaps a directory with a symbolic link, as fast as it can, until told to stop.
final class Swapping: @unchecked Sendable {
  private let lock = NSLock()
  private var isStopping = false
  private let ended = DispatchSemaphore(value: 0)

  init(_ directory: String, with link: String) {
    Thread.detachNewThread { [self] in
      while !lock.withLock({ isStopping }) {
        // Between the two there is neither, which is one more surprise.
        rename(directory, "\(directory).aside")
        rename(link, directory)
        rename(directory, link)
        rename("\(directory).aside", directory)
      }
      ended.signal()
    }
  }

  /// Returns when all is back in its place.
  func stop() {
    lock.withLock { isStopping = true }
    ended.wait()
    ended.signal()
  }
}
