import Journal
import LinuxSystem
import Replay
import Tree

extension ReplayStage {
  /// The journal's note of how far this destination is. A journal that cannot keep one is said to be in
  /// trouble by whoever writes it; here it only is a reason not to drop anything.
  func holdCursor(_ replayer: Replayer) -> HeldCursor? {
    let name = String(decoding: JournalPlace.name(source: destination), as: UTF8.self)
    do throws(JournalError) {
      var held = try HeldCursor(name, label: destination, journal: options.journal)
      let journal = try JournalReader.open(at: options.journal)
      let trouble = try held.trouble(in: journal)
      if let trouble { reporter.report(.notice(trouble)) }
      // Before the first copy is complete all that is there is needed.
      if trouble != nil || held.last == nil {
        try held.move(to: replayer.applied ?? journal.oldest, atOnce: true)
      }
      return held
    } catch {
      reporter.report(.warning(TreelineError(error, journal: options.journal).description))
      return nil
    }
  }

  /// Moves the cursor to what is durable at the destination.
  func hold(_ held: inout HeldCursor?, _ replayer: Replayer, atOnce: Bool = false) {
    guard held != nil, let applied = replayer.applied else { return }
    do throws(JournalError) { try held!.move(to: applied, atOnce: atOnce) } catch {
      reporter.report(.warning(TreelineError(error, journal: options.journal).description))
    }
  }
}
