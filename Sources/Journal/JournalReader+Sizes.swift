import LinuxSystem
import SystemPackage
import Tree

extension JournalReader {
  /// A file of the journal, and the room that it takes.
  public struct SizedFile: Sendable, Equatable {
    /// The first commit of a segment; the commit that a checkpoint is of.
    public var number: Sequence
    public var bytes: UInt64
  }

  /// All segments, oldest first.
  public func segmentSizes() throws(JournalError) -> [SizedFile] {
    try sizes(ending: JournalDirectory.segmentEnding)
  }

  /// All checkpoints, oldest first.
  public func checkpointSizes() throws(JournalError) -> [SizedFile] {
    try sizes(ending: JournalDirectory.checkpointEnding)
  }

  /// What is dropped in the meantime is left out.
  private func sizes(ending: String) throws(JournalError) -> [SizedFile] {
    var files: [SizedFile] = []
    for number in try directory.numbers(ending: ending) {
      let name = JournalDirectory.name(number, ending: ending)
      do throws(Errno) {
        let status = try FileStatus.of(name, in: directory.descriptor.raw)
        files.append(SizedFile(number: number, bytes: status.sizeBytes))
      } catch .noSuchFileOrDirectory {
        continue
      } catch {
        throw .io(error, doing: "look at", file: name)
      }
    }
    return files
  }
}
