/// A thread that stays, for work that is done now and then beside other work and is too short for a
/// thread to be made each time.
///
/// One thread begins work and waits for it; the next begins when the last has ended.
public final class SideThread: Sendable {
  private struct State {
    var work: (@Sendable () -> Void)?
    var isBusy = false
    var isOver = false
  }

  private let state: Guarded<State>
  private let thread: Thread

  /// - Parameter name: what the thread is called; 15 bytes at most are shown.
  public init(_ name: String) {
    let state = Guarded(State())
    self.state = state
    thread = Thread(name) {
      while let work = Self.next(state) {
        work()
        state.change { $0.isBusy = false }
      }
    }
  }

  deinit {
    state.change { $0.isOver = true }
    thread.join()
  }

  private static func next(_ state: Guarded<State>) -> (@Sendable () -> Void)? {
    state.wait { state -> (@Sendable () -> Void)?? in
      if let work = state.work.take() { return .some(work) }
      return state.isOver ? .some(nil) : nil
    } ?? nil
  }

  /// Has the thread do `work`; what was begun before must have been waited for.
  public func begin(_ work: @escaping @Sendable () -> Void) {
    state.change { state in
      precondition(!state.isBusy, "one piece of work at a time")
      state.work = work
      state.isBusy = true
    }
  }

  /// Waits until the work is done.
  public func wait() { state.wait { $0.isBusy ? nil : () } }
}
