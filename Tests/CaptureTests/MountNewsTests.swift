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
}
