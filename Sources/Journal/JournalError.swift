import SystemPackage
import Tree

/// Why a journal cannot be used, or not any further.
public enum JournalError: Error, Sendable {
  /// A system call failed on a file of the journal.
  case io(Errno, doing: String, file: String)
  /// There is no journal at the path.
  case notAJournal(String)
  /// Another process, with this id where it is known, has it open for writing.
  case locked(pid: Int32?)
  /// Made by a version that this one does not understand.
  case unsupportedVersion(Int, file: String)
  /// Root refuses a journal that others own or may write.
  case insecure(String)
  /// What was durable is not there or not as it was written.
  case damaged(Finding)
  /// The commits up to this one were dropped, as retention asks, and are needed.
  case dropped(upTo: Sequence)
  /// An earlier sync failed: what reached the disk is not known, so nothing more is written.
  case failedBefore
  /// One object has more extended attributes than a frame holds.
  case recordTooLarge(ObjectID)
}

/// Something that is not as it should be in a journal, and where.
public struct Finding: Error, Hashable, Sendable {
  /// The name of the file.
  public var file: String
  /// In bytes from the file's start.
  public var offset: Int64
  /// The commit that was expected there.
  public var sequence: Sequence?
  public var what: String

  public init(file: String, offset: Int64, sequence: Sequence?, what: String) {
    self.file = file
    self.offset = offset
    self.sequence = sequence
    self.what = what
  }
}
