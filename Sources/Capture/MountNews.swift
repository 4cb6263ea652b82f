import LinuxSystem

/// Something that happened to a mount at the source.
public struct MountNews: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case mounted, unmounted, madeReadOnly, madeWritable
  }

  public var kind: Kind
  public var entry: MountEntry

  package init(kind: Kind, entry: MountEntry) {
    self.kind = kind
    self.entry = entry
  }

  /// A list of mounts, in which one that cannot be asked for its identity has that which it had in an earlier list,
  /// and the other way round: what lies beneath another mount is the same as before, as far as anybody knows.
  package static func matching(_ now: [MountEntry], with before: inout [MountEntry]) -> [MountEntry] {
    now.map { entry in
      let index = before.firstIndex { $0.id == entry.id && $0.path == entry.path && $0.type == entry.type }
      guard let index else { return entry }
      var entry = entry
      if entry.identity == 0 { entry.identity = before[index].identity }
      if before[index].identity == 0 { before[index].identity = entry.identity }
      return entry
    }
  }

  /// What is other in one list of mounts than in an earlier one.
  package static func between(_ before: [MountEntry], _ after: [MountEntry]) -> [MountNews] {
    var gone = Set(before)
    var news: [MountNews] = []
    for entry in after where gone.remove(entry) == nil {
      var other = entry
      other.isReadOnly.toggle()
      guard gone.remove(other) != nil else {
        news.append(MountNews(kind: .mounted, entry: entry))
        continue
      }
      news.append(MountNews(kind: entry.isReadOnly ? .madeReadOnly : .madeWritable, entry: entry))
    }
    return before.filter(gone.contains).map { MountNews(kind: .unmounted, entry: $0) } + news
  }
}
