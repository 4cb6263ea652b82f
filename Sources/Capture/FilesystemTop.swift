import LinuxSystem
import SystemPackage

/// The directory at which the mark of a whole filesystem is set.
///
/// That is any of its directories, but on btrfs: there Linux refuses one of a subvolume, with `EXDEV`. A
/// mark that was set at the top-level subvolume is told of all of them, and lasts when that is closed.
public final class FilesystemTop: Sendable {
  public let raw: Int32
  private let opened: Descriptor?

  /// - Parameter directory: one of the filesystem, which must be open as long as this is used.
  public init(of directory: Int32) throws(CaptureError) {
    guard let subvolume = (try? ObjectKey.of(directory))?.btrfsSubvolume,
      subvolume != ObjectKey.btrfsTopLevel
    else {
      opened = nil
      raw = directory
      return
    }
    do throws(Errno) {
      let top = try Descriptor.openBtrfsTopLevel(of: directory)
      raw = top.raw
      opened = consume top
    } catch {
      throw error == .notPermitted ? .notPermitted : .topLevel(error)
    }
  }
}
