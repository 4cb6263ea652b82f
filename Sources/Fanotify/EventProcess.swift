/// The process that caused an event. The corresponding C type is `fanotify_event_info_pidfd`.
public enum EventProcess: Hashable, Sendable {
  /// A descriptor of the process; whoever reads the event closes it.
  ///
  /// It becomes readable when the process exits: what was read in /proc before is then true of this
  /// process only if the descriptor is not readable after.
  case descriptor(Int32)
  /// The process ended before the event was read. The corresponding C constant is FAN_NOPIDFD.
  case gone
  /// No descriptor could be made. The corresponding C constant is FAN_EPIDFD.
  case failed
}
