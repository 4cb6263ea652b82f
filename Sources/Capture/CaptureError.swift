import SystemPackage

/// Why a source cannot be watched, or not any longer.
public enum CaptureError: Error, Sendable {
  /// The source could not be opened.
  case unavailable(Errno)
  /// The source is no directory.
  case notADirectory
  /// The process may not mark filesystems or open handles.
  case notPermitted
  /// The source lies in a btrfs subvolume, or has one in it: only the filesystem can be marked.
  case subvolume
  /// The filesystem of a btrfs subvolume could not be marked, because its top level cannot be mounted.
  case topLevel(Errno)
  /// The filesystem has no lasting handles, or reports no events.
  case unsupportedFilesystem(Errno)
  /// The user has as many fanotify groups as the limit allows.
  case tooManyGroups
  /// The user has as many marks as the limit allows, and each directory needs one.
  case tooManyMarks
  /// Processes are not reported to this user, or of this filesystem.
  case processesUnknown(Errno)
  /// A directory could not be marked.
  case marking(Errno)
  /// The kernel's queue could not be read any more.
  case reading(Errno)
  /// The source directory was deleted.
  case sourceDeleted
}

extension CaptureError {
  /// What an error of marking a directory means.
  init(marking error: Errno) {
    switch error {
    case .noSpace: self = .tooManyMarks
    // A directory of another subvolume than the one that is marked.
    case .improperLink: self = .subvolume
    default: self = .marking(error)
    }
  }

  /// What an error of opening or marking the source means.
  init(opening error: Errno) {
    switch error {
    case .notDirectory: self = .notADirectory
    case .notPermitted: self = .notPermitted
    case .improperLink: self = .subvolume
    case .notSupported, .operationNotSupportedByDevice: self = .unsupportedFilesystem(error)
    case .tooManyOpenFiles: self = .tooManyGroups
    default: self = .unavailable(error)
    }
  }
}
