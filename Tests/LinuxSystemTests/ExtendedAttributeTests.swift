import Glibc
import LinuxSystem
import TestSupport
import Testing

struct ExtendedAttributeTests {
  /// 30 names of 60 bytes do not fit into the room that is tried first.
  @Test func moreNamesThanAreUsualAreReadAsWell() throws {
    let directory = try TemporaryDirectory()
    let path = directory["file"]
    let file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    defer { close(file) }
    let names = (10..<40).map { "user.\($0)" + String(repeating: "x", count: 53) }
    guard (try? ExtendedAttributes.isSupported("user.any", at: file)) == true else {
      return announceSkip("many extended attributes", because: "\(directory.path) keeps none")
    }
    for name in names {
      try Array("v".utf8).withUnsafeBytes { try ExtendedAttributes.set(file, name, $0) }
    }
    var expected: [UInt8] = []
    for name in names { expected += [60] + Array(name.utf8) + [1, 0, 0, 0, UInt8(ascii: "v")] }

    var reader = ExtendedAttributeReader()
    let byDescriptor = try reader.read(file)
    #expect(byDescriptor && reader.encoded == expected)
    let parent = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(parent) }
    let byName = try reader.read("file", in: parent)
    #expect(byName && reader.encoded == expected)
  }
}
