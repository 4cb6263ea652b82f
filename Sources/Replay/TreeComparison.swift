import Exclusion
import LinuxSystem
import SystemPackage
import Tree

/// Compares two trees in every attribute that a copy keeps: names, kind, mode, owner, size,
/// modification time to the nanosecond, hard-link groups, targets, device numbers, extended
/// attributes, flags that both sides have, and content when asked.
///
/// One directory at a time is held in memory, whatever the size or depth of the trees. The
/// destination's own directory is left out and the names beside it are read back.
package struct TreeComparison: ~Copyable {
  private let source: Descriptor
  private let destination: Descriptor
  private let comparesContent: Bool
  private let rules: ExclusionRules
  private let matcher: ExclusionMatcher
  /// What is mounted inside the source and compared with it.
  private let grafts: GraftTable
  /// Where nothing is compared: what was mounted there is away.
  private let away: Set<[[UInt8]]>
  private var sourceReader = ExtendedAttributeReader()
  private var destinationReader = ExtendedAttributeReader()
  /// Of objects with several names: which inode of the other side each is.
  private var copies: [Place: Place] = [:]
  private var originals: [Place: Place] = [:]
  /// Objects that were on both sides.
  package private(set) var comparedCount: UInt64 = 0

  private struct Place: Hashable {
    var device: UInt64
    var inode: UInt64
    /// One filesystem may be mounted in two places, which are not linked at the destination.
    var graft: UInt32 = 0
  }

  /// - Parameters:
  ///   - source: the root of the source, opened for listing.
  ///   - rules: what of the source is taken for not there.
  ///   - grafts: what is mounted inside the source and compared with it.
  ///   - away: names from the root at which nothing is compared.
  ///   - checksum: whether content is read; otherwise size and time stand for it.
  package init(
    source: consuming Descriptor, destination: consuming Descriptor,
    leavingOut rules: ExclusionRules = ExclusionRules(), grafts: GraftTable = .empty,
    away: Set<[[UInt8]]> = [], checksum: Bool
  ) {
    self.grafts = grafts
    self.away = away
    self.source = source
    self.destination = destination
    comparesContent = checksum
    self.rules = rules
    matcher = ExclusionMatcher(rules.patterns)
  }

  /// Compares all; `report` is told of each difference.
  package mutating func run(_ report: (TreeDifference) -> Void) throws(Errno) {
    try compareRoots(report)
    let matcher = matcher
    var waiting: [Waiting] = [([], matcher.root)]
    while let (names, place) = waiting.popLast() {
      do throws(Errno) {
        try compareDirectory(names, place, report) { name in
          waiting.append(
            (names + [name], name.withUnsafeBytes { matcher.place(of: $0, in: place) }))
        }
      } catch {
        if names.isEmpty { throw error }
        report(TreeDifference(path: joined(names), what: .unreadable(error)))
      }
    }
  }

  /// A directory, and where it is to the patterns.
  private typealias Waiting = (names: [[UInt8]], place: ExclusionMatcher.Place)

  /// Whether a name in a root is of the empty directory that mke2fs(8) puts into every filesystem.
  private static func isForRepairs(_ name: [UInt8], in root: Int32) -> Bool {
    guard name.elementsEqual("lost+found".utf8),
      let directory = try? Descriptor.open("lost+found", in: root, .list)
    else { return false }
    var isEmpty = true
    try? forEachName(in: directory.raw) { _, _ in
      isEmpty = false
      return false
    }
    return isEmpty
  }

  private mutating func compareRoots(_ report: (TreeDifference) -> Void) throws(Errno) {
    let a = try FileStatus.of(source.raw)
    let b = try FileStatus.of(destination.raw)
    compareStatus(a, b) { report(TreeDifference(path: [], what: $0)) }
    try sourceReader.read(source.raw)
    try destinationReader.read(destination.raw)
    if sourceReader.encoded != destinationReader.encoded {
      report(TreeDifference(path: [], what: .extendedAttributes))
    }
  }

  private mutating func compareDirectory(
    _ names: [[UInt8]], _ place: ExclusionMatcher.Place, _ report: (TreeDifference) -> Void,
    _ enter: ([UInt8]) -> Void
  ) throws(Errno) {
    var copyNames = names
    if let first = copyNames.first { copyNames[0] = RootNames.atDestination(first) }
    let graft = grafts.reaching(names)
    let a = try AnchoredPath.openDirectory(
      beneath: graft?.root.raw ?? source.raw, Array(names.dropFirst(graft?.names.count ?? 0)), .list)
    let b = try AnchoredPath.openDirectory(beneath: destination.raw, copyNames, .list)
    let filter = NameFilter(
      matcher, place,
      isCache: rules.leavesOutCaches && !names.isEmpty && CacheTag.isThere(in: a.raw))
    let isBtrfs = (try? ObjectKey.of(a.raw))?.btrfsSubvolume != nil
    let here = try list(a.raw) {
      Self.leavesOut($0, in: a.raw, filter) || isBtrfs && Self.isPlaceholder($0, in: a.raw)
        || away.contains(names + [$0]) ? nil : $0
    }
    let there = try list(b.raw) {
      let name = names.isEmpty ? RootNames.inSource($0) : $0
      return name.flatMap { away.contains(names + [$0]) ? nil : $0 }
    }
    var i = 0
    var j = 0
    func path(_ name: [UInt8]) -> [UInt8] { joined(names + [name]) }
    while i < here.count || j < there.count {
      if j == there.count || (i < here.count && here[i].lexicographicallyPrecedes(there[j])) {
        report(TreeDifference(path: path(here[i]), what: .onlyInSource))
        i += 1
      } else if i == here.count || there[j].lexicographicallyPrecedes(here[i]) {
        if !names.isEmpty || !Self.isForRepairs(there[j], in: b.raw) {
          report(TreeDifference(path: path(there[j]), what: .onlyInDestination))
        }
        j += 1
      } else {
        let name = here[i]
        do throws(Errno) {
          let isDirectory = try compare(
            name, in: a.raw, graft?.number ?? 0, grafts.isEmpty ? nil : grafts.at(names + [name]),
            names.isEmpty ? RootNames.atDestination(name) : name, in: b.raw
          ) { report(TreeDifference(path: path(name), what: $0)) }
          if isDirectory { enter(name) }
        } catch {
          report(TreeDifference(path: path(name), what: .unreadable(error)))
        }
        i += 1
        j += 1
      }
    }
  }

  private static func leavesOut(
    _ name: [UInt8], in directory: Int32, _ filter: NameFilter
  ) -> Bool {
    name.withUnsafeBytes { bytes in
      let asFile = filter.leavesOut(bytes, isDirectory: false)
      guard asFile != filter.leavesOut(bytes, isDirectory: true) else { return asFile }
      let status = withCString(name) { try? FileStatus.of($0, in: directory) }
      return status?.kind == .directory ? !asFile : asFile
    }
  }

  /// What capture leaves out as well.
  private static func isPlaceholder(_ name: [UInt8], in directory: Int32) -> Bool {
    withCString(name) { (try? ObjectKey.of($0, in: directory))?.isBtrfsPlaceholder ?? false }
  }

  private func list(
    _ directory: Int32, _ name: ([UInt8]) -> [UInt8]?
  ) throws(Errno) -> [[UInt8]] {
    var names: [[UInt8]] = []
    try forEachName(in: directory) { bytes, _ in
      if let name = name(bytes) { names.append(name) }
      return true
    }
    names.sort { $0.lexicographicallyPrecedes($1) }
    return names
  }

  /// - Returns: whether both are directories.
  private mutating func compare(
    _ name: [UInt8], in a: Int32, _ graft: UInt32, _ mounted: Graft?, _ copyName: [UInt8], in b: Int32,
    _ report: (TreeDifference.What) -> Void
  ) throws(Errno) -> Bool {
    comparedCount += 1
    let first =
      if let mounted {
        try FileStatus.of(mounted.root.raw)
      } else {
        try withCString(name) { name throws(Errno) in try FileStatus.of(name, in: a) }
      }
    let second = try withCString(copyName) { name throws(Errno) in
      try FileStatus.of(name, in: b)
    }
    guard first.kind == second.kind else {
      report(.kind)
      return false
    }
    compareStatus(first, second, report)
    if first.kind != .directory { compareLinks(first, second, graft, report) }
    if let mounted {
      try sourceReader.read(mounted.root.raw)
    } else {
      _ = try withCString(name) { name throws(Errno) in try sourceReader.read(name, in: a) }
    }
    _ = try withCString(copyName) { name throws(Errno) in try destinationReader.read(name, in: b) }
    if sourceReader.encoded != destinationReader.encoded { report(.extendedAttributes) }
    switch first.kind {
    case .symbolicLink:
      let target = try withCString(name) { name throws(Errno) in try Names.target(of: name, in: a) }
      let copy = try withCString(copyName) { name throws(Errno) in
        try Names.target(of: name, in: b)
      }
      if target != copy { report(.target) }
    case .regular where comparesContent && first.sizeBytes == second.sizeBytes:
      let file = try openContent(name, in: a)
      let copy = try openContent(copyName, in: b)
      if try !equalContent(file.raw, copy.raw) { report(.content) }
    default:
      break
    }
    return first.kind == .directory
  }

  private func openContent(_ name: [UInt8], in directory: Int32) throws(Errno) -> Descriptor {
    try withCString(name) { name throws(Errno) in
      try Descriptor.open(beneath: directory, path: name, .content)
    }
  }

  private func compareStatus(
    _ a: FileStatus, _ b: FileStatus, _ report: (TreeDifference.What) -> Void
  ) {
    if a.kind != .symbolicLink, a.mode != b.mode { report(.mode) }
    if a.uid != b.uid || a.gid != b.gid { report(.owner) }
    if a.kind == .regular, a.sizeBytes != b.sizeBytes { report(.size) }
    if a.modified != b.modified { report(.modified) }
    if a.specialDevice != b.specialDevice { report(.device) }
    let both = a.flagsTold.intersection(b.flagsTold)
    if a.flags.intersection(both) != b.flags.intersection(both) { report(.flags) }
  }

  private mutating func compareLinks(
    _ a: FileStatus, _ b: FileStatus, _ graft: UInt32, _ report: (TreeDifference.What) -> Void
  ) {
    if a.linkCount == 1, b.linkCount == 1 { return }
    let original = Place(device: a.device, inode: a.inode, graft: graft)
    let copy = Place(device: b.device, inode: b.inode)
    let isSame =
      (copies[original] ?? copy) == copy && (originals[copy] ?? original) == original
    copies[original] = copy
    originals[copy] = original
    if !isSame { report(.linkGroup) }
  }
}
