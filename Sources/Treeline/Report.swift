/// News for the person who watches; the command line decides how each is shown.
public enum Report: Sendable {
  /// A line that everybody is shown unless they asked for quiet.
  case notice(String)
  /// A line for those who asked for more.
  case detail(String)
  /// A line that is shown whatever was asked: something is not as it should be.
  case warning(String)
  /// How far a stage has come; sent as often as is convenient.
  case progress(Progress)
  /// The mark is set, the first scan is done, and changes are followed.
  case ready(String)
  /// One line on how things stand, sent at most every few seconds.
  case standing(String)

  /// A stage of the work.
  public struct Progress: Sendable {
    /// As a person says it: `scanning`, `copying`.
    public var stage: String
    public var objects: UInt64
    /// nil when it is not known yet.
    public var objectsTotal: UInt64?
    public var bytes: UInt64
    /// nil when it is not known yet.
    public var bytesTotal: UInt64?
    /// What it is at.
    public var path: [UInt8]?

    public init(
      stage: String, objects: UInt64, objectsTotal: UInt64? = nil, bytes: UInt64 = 0, bytesTotal: UInt64? = nil,
      path: [UInt8]? = nil
    ) {
      self.stage = stage
      self.objects = objects
      self.objectsTotal = objectsTotal
      self.bytes = bytes
      self.bytesTotal = bytesTotal
      self.path = path
    }
  }
}

/// Who is told the news; called from any thread, and never waits for a reader.
public protocol Reporter: Sendable {
  func report(_ news: Report)
  /// Whether how far a stage has come is shown: to find out what is left takes time.
  var wantsProgress: Bool { get }
}
