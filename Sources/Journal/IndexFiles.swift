import Glibc
import LinuxSystem
import SystemPackage
import Tree

/// The files of an index, of which one is open at a time.
struct IndexFiles: ~Copyable {
  private final class Opened {
    let file: Descriptor
    init(_ file: consuming Descriptor) { self.file = file }
  }

  private let directory: JournalDirectory
  private let ending: String
  private var segment: Sequence?
  private var opened: Opened?

  /// - Parameter ending: of their names.
  init(_ directory: JournalDirectory, ending: String = JournalDirectory.indexEnding) {
    self.directory = directory
    self.ending = ending
  }

  /// Bytes of a segment's index, fewer at its end; nil where it cannot be read.
  mutating func read(_ segment: Sequence, at offset: Int64, upTo count: Int) -> [UInt8]? {
    if self.segment != segment {
      self.segment = segment
      let name = JournalDirectory.name(segment, ending: ending)
      do throws(JournalError) { opened = Opened(try directory.open(name, O_RDONLY)) } catch { opened = nil }
    }
    guard let file = opened?.file.raw else { return nil }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        guard let read = try? FileBytes.read(file, at: offset + Int64(filled), into: rest), read > 0 else { return }
        filled += read
      }
    }
  }
}
