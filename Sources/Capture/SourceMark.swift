import LinuxSystem
import SystemPackage

/// A source that is open and marked: from when this is made, the kernel's reports are collected.
public final class SourceMark: Sendable {
  /// How the source is marked.
  public let kind: MarkKind
  let anchor: SourceAnchor
  let drain: Drain
  /// Marks each directory; nil where one mark covers them all.
  let directoryMarks: DirectoryMarks?
  private let thread: Thread
  /// Who did it; nil where that is not asked.
  let watch: ProcessWatch?
  private let watchThread: Thread?

  /// Opens and marks the source.
  ///
  /// - Parameters:
  ///   - path: the source as a person gave it; a link to a directory is followed.
  ///   - kind: how it is marked.
  ///   - who: also find out which processes make the changes.
  public init(
    path: [UInt8], kind: MarkKind = .filesystem, who: Bool = false
  ) throws(CaptureError) {
    self.kind = kind
    do throws(Errno) {
      anchor = try SourceAnchor(path: path)
    } catch {
      throw CaptureError(opening: error)
    }
    let top = try FilesystemTop(of: anchor.root.raw)
    do throws(Errno) {
      // Before the drain: what it reads was done by someone who is looked for already.
      let watch = who ? try ProcessWatch(anchor: top.raw) : nil
      let drain: Drain
      switch kind {
      case .filesystem: drain = try Drain(.filesystem, at: top.raw)
      case .mount:
        // The anchor is a private copy of the mount, through which nobody else writes.
        let directory = try anchor.open(path: path, throughMount: true)
        drain = try Drain(.mount, at: directory.raw)
      }
      directoryMarks = kind.marksDirectories ? DirectoryMarks(drain) : nil
      self.watch = watch
      watchThread = watch.map { watch in Thread("treeline-who") { watch.run() } }
      self.drain = drain
      thread = Thread("treeline-drain") { drain.run() }
    } catch {
      throw CaptureError(opening: error)
    }
  }

  deinit {
    drain.stop()
    thread.join()
    watch?.stop()
    watchThread?.join()
  }

  /// Whether processes are looked at when they begin; nil where nobody asked who makes the changes.
  public var seesBeginnings: Bool? { watch?.seesBeginnings }

  /// Is told no more of files that are directly in directories of the program's own, where these may lie
  /// on the source's filesystem: each report would take time from the source's. Where the kernel
  /// refuses, all is reported, and passed over as before.
  public func silence(_ directories: [Int32]) {
    for directory in directories { try? drain.silence(directory) }
  }

  public var rootKey: ObjectKey { anchor.key }
  public var filesystem: [UInt8] { anchor.filesystem }
  public var rootStatus: FileStatus { anchor.status }

  /// A descriptor of the source's root, for copying content; it lasts as long as the mark.
  public var rootDescriptor: Int32 { anchor.root.raw }

  /// Whether the source has at least so many entries, at any depth; what cannot be read counts as none.
  public func hasEntries(_ wanted: Int) -> Bool {
    guard wanted > 0 else { return true }
    let reader = TreeReader(anchor: anchor, excluded: [])
    var count = 0
    while count < wanted, let listing = reader.next() {
      count += listing.entries.count
      reader.recycle(listing)
    }
    return count >= wanted
  }

  /// Whether a path leads to the source now.
  public func isAt(path: [UInt8]) -> Bool {
    (try? anchor.open(path: path, throughMount: kind == .mount)) != nil
  }
}
