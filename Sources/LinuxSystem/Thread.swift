import CLinux
import Glibc

/// A thread of its own for work that blocks; the cooperative pool is never blocked.
public final class Thread: @unchecked Sendable {
  private var handle = pthread_t()

  private final class Start {
    let name: String
    let body: @Sendable () -> Void
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts `body` on a new thread called `name` (15 bytes at most are shown).
  public init(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let start = Unmanaged.passRetained(Start(name, body))
    let code = pthread_create(
      &handle, nil,
      { argument in
        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        _ = cl_name_thread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    precondition(code == 0, "a thread can be made")
  }

  /// Waits until the thread has ended; called once.
  public func join() { pthread_join(handle, nil) }
}

/// A value under a lock, and a way to wait until it satisfies a condition.
public final class Guarded<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  /// - Parameter inheritsPriority: whoever holds the lock runs as early as the one who waits for it:
  ///   for a thread that must not be late. See pthread_mutexattr_setprotocol(3p).
  public init(_ value: Value, inheritsPriority: Bool = false) {
    self.value = value
    var kind = pthread_mutexattr_t()
    pthread_mutexattr_init(&kind)
    if inheritsPriority { pthread_mutexattr_setprotocol(&kind, Int32(PTHREAD_PRIO_INHERIT)) }
    pthread_mutex_init(mutex, &kind)
    pthread_mutexattr_destroy(&kind)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  /// Runs `body` alone with the value; waiters are not woken.
  @discardableResult
  public func with<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }

  /// Runs `body` alone with the value and wakes all who wait.
  @discardableResult
  public func change<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    // Woken any earlier, they would run into the lock and sleep again.
    defer {
      pthread_mutex_unlock(mutex)
      pthread_cond_broadcast(condition)
    }
    return try body(&value)
  }

  /// Waits until `body` gives a value, or until a deadline on the monotonic clock.
  ///
  /// - Parameter deadline: nanoseconds as `monotonicNanoseconds()` counts them; nil waits for ever.
  /// - Returns: nil when the deadline came first.
  public func wait<Result>(
    until deadline: UInt64? = nil, _ body: (inout Value) -> Result?
  ) -> Result? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      if let deadline {
        if monotonicNanoseconds() >= deadline { return nil }
        var time = timespec(
          tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        pthread_cond_timedwait(condition, mutex, &time)
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
  }
}

/// How many processors are in use. See sysconf(3).
public func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
