/// How fast a stage goes and how long the rest of it takes, from how far it was during the last seconds.
public struct ProgressPace: Sendable {
  /// What can be said of it; nothing in the first two seconds.
  public struct Estimate: Hashable, Sendable {
    public var bytesPerSecond: UInt64?
    public var objectsPerSecond: UInt64?
    public var secondsLeft: Int64?

    public init() {}
  }

  private struct Sample {
    var nanoseconds: UInt64
    var objects: UInt64
    var bytes: UInt64
    /// Bytes, and for each object as many as are copied in the time that it takes beside its content.
    var work: Double { Double(bytes) + Double(objects) * ProgressPace.objectBytes }
  }

  /// To make a file of no bytes takes as long as to copy so many: between 8 and 60 thousand on the disks tried.
  private static let objectBytes = 16_384.0
  /// A rate is that of the last ten seconds.
  private static let windowNanoseconds: UInt64 = 10_000_000_000
  private static let samplesMax = 20

  private var stage = ""
  private var samples: [Sample] = []

  public init() {}

  /// Takes in how far a stage is, and says what follows from it.
  ///
  /// - Parameter now: nanoseconds of a clock that never goes back.
  public mutating func note(_ progress: Report.Progress, at now: UInt64) -> Estimate {
    if progress.stage != stage || samples.last.map({ $0.objects > progress.objects }) == true {
      stage = progress.stage
      samples.removeAll()
    }
    let sample = Sample(nanoseconds: now, objects: progress.objects, bytes: progress.bytes)
    if samples.last.map({ now - $0.nanoseconds >= Self.windowNanoseconds / UInt64(Self.samplesMax) }) ?? true {
      samples.append(sample)
      while samples.count > 2, now - samples[1].nanoseconds >= Self.windowNanoseconds { samples.removeFirst() }
    }
    return estimate(progress, sample)
  }

  private func estimate(_ progress: Report.Progress, _ last: Sample) -> Estimate {
    var estimate = Estimate()
    let first = samples[0]
    let seconds = Double(last.nanoseconds - first.nanoseconds) / 1e9
    guard seconds >= 2, last.bytes >= first.bytes else { return estimate }
    if progress.bytes > 0 { estimate.bytesPerSecond = UInt64(Double(last.bytes - first.bytes) / seconds) }
    estimate.objectsPerSecond = UInt64(Double(last.objects - first.objects) / seconds)
    let rate = (last.work - first.work) / seconds
    guard rate > 0, let objects = progress.objectsTotal else { return estimate }
    let whole = Sample(nanoseconds: 0, objects: objects, bytes: progress.bytesTotal ?? progress.bytes)
    estimate.secondsLeft = Int64(max(0, (whole.work - last.work) / rate).rounded(.up))
    return estimate
  }
}
