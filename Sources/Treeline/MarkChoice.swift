import Capture

/// How a person asks for a source to be marked.
public enum MarkChoice: String, Sendable, CaseIterable {
  /// The mark that sees most, of those that are possible.
  case auto
  case filesystem
  case mount
  case inode

  /// The mark that is tried first.
  var kind: MarkKind {
    switch self {
    case .auto, .filesystem: .filesystem
    case .mount: .mount
    case .inode: .inode
    }
  }

  /// Marks a source.
  ///
  /// - Parameter onFallback: is told why the whole filesystem was not marked though that was tried.
  func mark(
    _ path: [UInt8], who: Bool, onFallback: (CaptureError) -> Void = { _ in }
  ) throws(CaptureError) -> SourceMark {
    guard self == .auto else { return try SourceMark(path: path, kind: kind, who: who) }
    let refusal: CaptureError
    do throws(CaptureError) {
      return try SourceMark(path: path, kind: .filesystem, who: who)
    } catch {
      switch error {
      case .notPermitted, .subvolume, .topLevel, .unsupportedFilesystem: refusal = error
      default: throw error
      }
    }
    do throws(CaptureError) {
      let mark = try SourceMark(path: path, kind: .inode, who: who)
      onFallback(refusal)
      return mark
    } catch {
      // Why less is not possible either tells a person nothing.
      if case .unsupportedFilesystem = error { throw refusal }
      throw error
    }
  }
}
