import LinuxSystem
import SystemPackage

/// The file by which a program says that a directory holds what it can make again; see the Cache
/// Directory Tagging Specification.
package enum CacheTag {
  /// What the file is called.
  package static let name = Array("CACHEDIR.TAG".utf8)
  /// What it begins with.
  package static let signature = Array("Signature: 8a477f597d28d172789f06886806bc55".utf8)

  /// Whether a name is that of a tag.
  @inline(__always)
  package static func isName(_ name: UnsafeRawBufferPointer) -> Bool {
    name.count == self.name.count && name.elementsEqual(self.name)
  }

  /// Whether an open directory is tagged. One whose tag cannot be read is not.
  package static func isThere(in directory: Int32) -> Bool {
    do throws(Errno) {
      let file = try withCString(name) { name throws(Errno) in
        guard try FileStatus.of(name, in: directory).kind == .regular else {
          throw Errno.invalidArgument
        }
        return try Descriptor.open(name, in: directory, .content)
      }
      var start = [UInt8](repeating: 0, count: signature.count)
      let count = start.withUnsafeMutableBytes { try? FileBytes.read(file.raw, at: 0, into: $0) }
      return count == signature.count && start == signature
    } catch {
      return false
    }
  }
}
