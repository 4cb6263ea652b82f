import LinuxSystem
import SystemPackage

/// A source that is open and marked: from when this is made, the kernel's reports are collected.
public final class SourceMark: Sendable {
  /// How the source is marked.
  public let kind: MarkKind
  let anchor: SourceAnchor
  package let drain: Drain
  /// Marks each directory; nil where one mark covers them all.
  let directoryMarks: DirectoryMarks?
  private let thread: Thread
  /// Who did it; nil where that is not asked.
  let watch: ProcessWatch?
  private let watchThread: Thread?
  private let grafted = Guarded(GraftTable.empty)

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
    do throws(Errno) { anchor = try SourceAnchor(path: path, isModest: kind == .inode) } catch {
      throw CaptureError(opening: error)
    }
    let top = kind == .inode && !who ? nil : try FilesystemTop(of: anchor.root.raw)
    // Before the drain: what it reads was done by someone who is looked for already.
    let watch = who ? try Self.watchProcesses(anchor, top!, kind) : nil
    let drain: Drain
    do throws(Errno) {
      switch kind {
      case .filesystem: drain = try Drain(.filesystem, at: top!.raw)
      case .inode:
        drain = try Drain(.inode, at: anchor.root.raw, hintsAtNames: anchor.identity != .handle)
      case .mount:
        // The anchor is a private copy of the mount, through which nobody else writes.
        let directory = try anchor.open(path: path, throughMount: true)
        drain = try Drain(.mount, at: directory.raw)
      }
    } catch {
      throw CaptureError(opening: error)
    }
    let marks =
      kind.marksDirectories
      ? DirectoryMarks(drain, translates: anchor.identity != .handle) : nil
    // Whether directories can be marked at all is known before anything else is done.
    do throws(Errno) { try marks?.mark(anchor.root.raw, anchor.key) } catch { throw .unavailable(error) }
    if let failure = marks?.failure {
      throw failure == .noSpace ? .tooManyMarks : CaptureError(opening: failure)
    }
    directoryMarks = marks
    self.watch = watch
    watchThread = watch.map { watch in Thread("treeline-who") { watch.run() } }
    self.drain = drain
    thread = Thread("treeline-drain") { drain.run() }
  }

  private static func watchProcesses(
    _ anchor: SourceAnchor, _ top: FilesystemTop, _ kind: MarkKind
  ) throws(CaptureError) -> ProcessWatch {
    do throws(Errno) {
      guard anchor.identity == .handle else { throw .notSupported }
      return try ProcessWatch(anchor: top.raw)
    } catch {
      throw kind == .inode ? .processesUnknown(error) : CaptureError(opening: error)
    }
  }

  deinit {
    drain.stop()
    thread.join()
    watch?.stop()
    watchThread?.join()
  }

  /// What is mounted inside the source and followed, as far as it was looked for.
  public var grafts: GraftTable { grafted.with { $0 } }

  /// Whether what is mounted inside can be followed.
  public var canFollowMounts: Bool { kind == .filesystem && anchor.opensHandles }

  /// Looks for what is mounted inside the source, and marks each filesystem of that. Those that are not
  /// mounted any more are let go of, so that they can be freed.
  ///
  /// - Parameters:
  ///   - path: the source's, absolute and without links.
  ///   - avoided: filesystems that are left out.
  /// - Returns: what is followed now; as before, where the system does not tell.
  func findGrafts(path: [UInt8], avoiding avoided: Set<FilesystemPlace>) -> GraftTable {
    let before = grafts
    do throws(Errno) {
      let now = try GraftTable(
        source: path, root: anchor.root.raw, avoiding: avoided, previous: before, accept: follow)
      for graft in before.grafts where now[graft.number] == nil {
        if let top = try? FilesystemTop(of: graft.root.raw) {
          drain.unfollow(graft: graft.number, at: top.raw)
        }
      }
      grafted.change { $0 = now }
      return now
    } catch {
      return before
    }
  }

  /// - Returns: why a graft cannot be followed; nil when its filesystem is marked.
  private func follow(_ graft: Graft) -> String? {
    do {
      let top = try FilesystemTop(of: graft.root.raw)
      do throws(Errno) { try drain.follow(graft: graft.number, at: top.raw) } catch {
        return "its filesystem cannot be marked: \(error)"
      }
      return nil
    } catch {
      return "its filesystem cannot be marked: \(error)"
    }
  }

  /// Whether processes are looked at when they begin; nil where nobody asked who makes the changes.
  public var seesBeginnings: Bool? { watch?.seesBeginnings }

  /// Is told no more of files that are directly in directories of the program's own, where these may lie
  /// on the source's filesystem: each report would take time from the source's. Where the kernel
  /// refuses, all is reported, and passed over as before.
  public func silence(_ directories: [Int32]) {
    // Of directories that have no mark nothing is told.
    if kind == .inode { return }
    for directory in directories { try? drain.silence(directory) }
  }

  public var rootKey: ObjectKey { anchor.key }
  /// What tells the source's objects apart.
  public var identity: ObjectIdentity { anchor.identity }
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
