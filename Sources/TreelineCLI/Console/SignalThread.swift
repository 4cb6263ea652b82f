import Glibc
import LinuxSystem

/// Turns signals into calls on a thread of its own, where anything may be done.
enum SignalThread {
  /// Takes SIGTERM, SIGINT and SIGUSR1 for the whole process, and drops SIGHUP.
  ///
  /// Called before any other thread is made: they all inherit what is blocked.
  static func block() {
    signal(SIGHUP, SIG_IGN)
    var signals = set
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Starts the thread; `block()` was called before.
  static func start(stop: @escaping @Sendable () -> Void, status: @escaping @Sendable () -> Void) {
    _ = Thread("signals") {
      pthread_detach(pthread_self())
      var signals = set
      while true {
        var number: Int32 = 0
        guard sigwait(&signals, &number) == 0 else { continue }
        if number == SIGUSR1 { status() } else { stop() }
      }
    }
  }

  private static var set: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGTERM, SIGINT, SIGUSR1] { sigaddset(&signals, number) }
    return signals
  }
}
