import Foundation
import Glibc

/// A directory that goes with its owner.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init(in base: String = TemporaryDirectory.base) throws {
    var template = Array("\(base)/treeline-test-\(getpid())-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw TestSupportError("no temporary directory: \(String(cString: strerror(errno)))")
    }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    // By rm: it manages paths longer than PATH_MAX and never crosses into what is still mounted here.
    _ = try? FileManager.default.contentsOfDirectory(atPath: path).forEach { unlink("\(path)/\($0)") }
    if rmdir(path) != 0, let child = try? Process.run(
      URL(fileURLWithPath: "/bin/rm"), arguments: ["-rf", "--one-file-system", path])
    {
      child.waitUntilExit()
    }
  }

  package static var base: String {
    ProcessInfo.processInfo.environment["TMPDIR"].map { $0.isEmpty ? "/tmp" : $0 } ?? "/tmp"
  }

  /// The path of something in the directory.
  package subscript(_ name: String) -> String { "\(path)/\(name)" }

  func create(_ name: String) throws -> FileHandle {
    let descriptor = open(self[name], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw TestSupportError("cannot create \(self[name])") }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  func read(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: self[name]) ?? Data(), as: UTF8.self)
  }
}
