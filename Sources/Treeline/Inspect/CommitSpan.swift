import Journal

/// The part of a journal that is wanted.
struct CommitSpan {
  enum Step {
    /// Not wanted, but it says what the tree is.
    case before
    case wanted
    /// Nothing that is wanted can follow any more.
    case past
  }

  let since: Moment?
  let until: Moment?

  init(since: Moment?, until: Moment?) {
    self.since = since
    self.until = until
  }

  init(_ filter: LineFilter) { self.init(since: filter.since, until: filter.until) }

  /// Commits are in order of number and of time, so nothing after one that comes too late is wanted either.
  func step(_ commit: Commit) -> Step {
    let isAfterAll =
      switch until {
      case .sequence(let last): last < commit.cursor.sequence
      case .time(let last): last < commit.header.time
      case nil: false
      }
    if isAfterAll { return .past }
    let isBeforeAll =
      switch since {
      case .sequence(let first): commit.cursor.sequence < first
      case .time(let first): commit.header.time < first
      case nil: false
      }
    return isBeforeAll ? .before : .wanted
  }
}
