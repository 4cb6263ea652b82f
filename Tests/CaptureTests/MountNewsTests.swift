import Capture
import LinuxSystem
import Testing

/// What is other in two lists of mounts.
struct MountNewsTests {
  private func entry(_ id: UInt64, _ path: String, isReadOnly: Bool = false) -> MountEntry {
    MountEntry(id: id, path: Array(path.utf8), type: Array("tmpfs".utf8), isReadOnly: isReadOnly)
  }

  @Test func mountsThatCameAndWentAndChangedAreTold() {
    let before = [entry(1, "/"), entry(2, "/a"), entry(3, "/b"), entry(4, "/c", isReadOnly: true)]
    let after = [entry(1, "/"), entry(3, "/b", isReadOnly: true), entry(4, "/c"), entry(2, "/d")]
    #expect(
      MountNews.between(before, after) == [
        MountNews(kind: .unmounted, entry: entry(2, "/a")),
        MountNews(kind: .madeReadOnly, entry: entry(3, "/b", isReadOnly: true)),
        MountNews(kind: .madeWritable, entry: entry(4, "/c")),
        MountNews(kind: .mounted, entry: entry(2, "/d")),
      ])
    #expect(MountNews.between(after, after).isEmpty)
  }

  /// A mount may get the number of one that just went, and stand in its place.
  @Test func oneThatLooksLikeItsPredecessorIsAnother() {
    func entries(_ identities: UInt64...) -> [MountEntry] {
      identities.enumerated().map { index, identity in
        var entry = entry(UInt64(index), "/a\(index)")
        entry.identity = identity
        return entry
      }
    }
    var before = entries(11, 12, 0, 14)
    let after = MountNews.matching(entries(11, 22, 13, 0), with: &before)
    #expect(
      MountNews.between(before, after) == [
        MountNews(kind: .unmounted, entry: entries(11, 12)[1]), MountNews(kind: .mounted, entry: entries(11, 22)[1]),
      ])
    #expect(after.map(\.identity) == [11, 22, 13, 14])
  }
}
