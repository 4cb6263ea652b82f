import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// What is mounted inside a directory, and how its objects are told apart.
struct GraftTests {
  private func key(_ type: Int32, _ bytes: [UInt8]) -> ObjectKey {
    bytes.withUnsafeBytes { ObjectKey(type: type, bytes: $0) }
  }

  @Test func aKeyInAGraftIsAnotherAndGivesItsHandleBack() {
    let own = key(0x81, Array(1...12))
    let grafted = own.inGraft(ObjectKey.graftMax)
    #expect(own.graft == 0 && own.handle == own && own.inGraft(0) == own)
    #expect(grafted != own && grafted.graft == ObjectKey.graftMax && grafted.handle == own)
    #expect(grafted.byteCount == own.byteCount && grafted.type > 0)
    #expect(own.inGraft(1) != own.inGraft(2) && grafted.inGraft(7) == own.inGraft(7))
    #expect(ObjectKey.type(handle: own.type, inGraft: 7) == own.inGraft(7).type)
  }

  @Test func aKeyWithoutHandleIsInNoGraft() {
    #expect(key(ObjectKey.inodeType, Array(1...20)).graft == 0)
  }

  @Test func onlyAGraftInMemoryPassesWithItsMount() {
    #expect(key(1, Array(1...12)).inGraft(3).isInPassingGraft)
    #expect(!key(1, Array(1...12)).isInPassingGraft && !key(1, Array(1...8)).inGraft(3).isInPassingGraft)
  }

  @Test func theNamesToAMountAreThoseBeneathTheDirectory() {
    let entry = MountTable.parse(Array("36 35 98:0 / /a/b/c rw - ext4 /dev/root rw".utf8))[0]
    func names(_ path: String) -> [String]? {
      entry.names(beneath: Array(path.utf8))?.map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(names("/") == ["a", "b", "c"] && names("/a") == ["b", "c"] && names("/a/b/c") == [])
    #expect(names("/a/b/c/d") == nil && names("/a/bb") == nil && names("/a/b/") == ["c"])
  }

  @Test(.enabled(if: Filesystem.reasonToSkip(.tmpfs) == nil, "needs root"))
  func mountsOnMountsAndMountsInThemAreFound() throws {
    let outer = try Filesystem(.tmpfs, bytes: 1 << 20)
    let path = outer.root
    defer { _ = try? run(["bash", "-c", "umount -l '\(path)/d/e' '\(path)/d' '\(path)/d' '\(path)/p'"]) }
    func look(_ previous: GraftTable = .empty) throws -> GraftTable {
      let root = try Descriptor.open(path: path, 0o200000)
      let tree = try Descriptor.cloneTree(of: root.raw)
      return try GraftTable(source: Array(path.utf8), root: tree.raw, previous: previous)
    }
    func places(_ table: GraftTable) -> [String] {
      table.grafts.map { $0.names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/") }
    }
    #expect(try look().isEmpty)
    try succeed(["bash", "-ec", "cd '\(path)'; mkdir d p; mount -t tmpfs t d; mount -t proc p p"])
    let first = try look()
    #expect(places(first) == ["d"] && first.leftOut.map(\.entry.type) == [Array("proc".utf8)])
    #expect(try look(first).grafts[0] === first.grafts[0])
    // One on the other hides it; one in it comes after it.
    try succeed(["bash", "-ec", "cd '\(path)'; mount -t tmpfs u d; mkdir d/e; mount --bind . d/e"])
    let second = try look(first)
    #expect(places(second) == ["d", "d/e"] && second.grafts[0].number != first.grafts[0].number)
    let deep = second.grafts[1]
    #expect(deep.parent == second.grafts[0].key && second.covering(deep.covered) === deep)
    #expect(second.reaching([Array("d".utf8), Array("e".utf8), Array("x".utf8)]) === deep)
    #expect(second.reaching([Array("p".utf8)]) == nil)
  }
}
