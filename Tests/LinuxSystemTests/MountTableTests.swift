import LinuxSystem
import Testing

/// The kernel's list of mounts.
struct MountTableTests {
  @Test func linesAreReadWithAnyNumberOfOptionalFields() {
    let text = """
      36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue
      37 36 0:40 / /a\\040b\\134c ro,relatime - btrfs /dev/loop0 rw,subvolid=5
      38 36 0:41 / /whole rw - xfs /dev/loop1 ro,attr2
      not a line
      39 36 0:42 / /short rw - tmpfs
      """
    let entries = MountTable.parse(Array(text.utf8))
    #expect(entries.map(\.id) == [36, 37, 38])
    #expect(entries.map { String(decoding: $0.path, as: UTF8.self) } == ["/mnt2", "/a b\\c", "/whole"])
    #expect(entries.map { String(decoding: $0.type, as: UTF8.self) } == ["ext3", "btrfs", "xfs"])
    #expect(entries.map(\.isReadOnly) == [false, true, true])
  }

  @Test func theListOfThisProcessHasItsRoot() throws {
    let entries = try MountTable().entries()
    #expect(entries.contains { $0.path == Array("/".utf8) })
  }
}
