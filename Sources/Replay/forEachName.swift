import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// Calls `body` with name and kind of every entry until it returns false.
func forEachName(
  in directory: Int32, _ body: ([UInt8], FileKind) -> Bool
) throws(Errno) {
  struct Enough: Error {}
  let reader = DirectoryReader()
  do throws(DirectoryError<Enough>) {
    try reader.forEach(in: directory) { name, _, kind throws(Enough) in
      let bytes = Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
      if !body(bytes, kind) { throw Enough() }
    }
  } catch {
    if case .reading(let errno) = error { throw errno }
  }
}
