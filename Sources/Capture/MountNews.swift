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
