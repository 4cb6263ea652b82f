import LinuxSystem

/// The journal's directory, open as long as the run lasts.
final class JournalPlaceHandle: Sendable {
  private let descriptor: Descriptor
  var raw: Int32 { descriptor.raw }
  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
