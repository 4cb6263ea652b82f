import LinuxSystem
import SystemPackage
import Tree

/// What one thread needs to make objects at the destination: the way to the source, and its own buffers.
final class StagingBench: @unchecked Sendable {
  var source: ContentSource?
  var stager = Stager()
  var setter: AttributeSetter
  /// New directories in which something is made: one after another.
  var places = OpenDirectories(countMax: 4)

  init(source: consuming ContentSource?, onLoss: ((AttributeLoss) -> Void)?) {
    self.source = source
    setter = AttributeSetter(onLoss: onLoss)
  }

  /// Has every copied byte counted.
  func countBytes(_ meter: ReplayMeter?) {
    if let meter { stager.onCopied = { meter.note(bytes: $0) } }
  }

  /// A second bench for the same source; what the destination cannot hold is told by the first.
  func makeAnother() throws(Errno) -> StagingBench {
    guard source != nil else { return StagingBench(source: nil, onLoss: nil) }
    return StagingBench(source: try source!.makeAnother(), onLoss: nil)
  }
}
