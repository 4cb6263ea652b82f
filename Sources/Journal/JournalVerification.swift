import LinuxSystem
import SystemPackage
import Tree

/// What reading a whole journal found; nothing is changed by it.
public struct JournalVerification: Sendable {
  /// What is damaged; none means that all that was durable is there as it was written.
  public var findings: [Finding] = []
  /// A commit that was never durable stands at the end; the next writer drops it.
  public var tornTail: Finding? = nil
  /// The last commit that could be read in unbroken order.
  public var last: Cursor? = nil

  /// Reads the journal at a path from its first commit to its last.
  ///
  /// - Throws: when there is no journal, or it cannot be opened at all; damage is a finding.
  public init(at path: [UInt8]) throws(JournalError) {
    let reader: JournalReader
    do throws(JournalError) { reader = try JournalReader.open(at: path) } catch {
      if case .damaged(let finding) = error {
        findings.append(finding)
        return
      }
      throw error
    }
    var commit = Commit()
    do throws(JournalError) {
      let durable = try reader.durable()
      let checkpoints = try reader.directory.numbers(ending: JournalDirectory.checkpointEnding)
      var chains: [Sequence: ChainValue] = [reader.position.sequence: reader.position.chain]
      while try reader.next(&commit) {
        if commit.cursor.sequence == durable.sequence, commit.cursor.chain != durable.chain {
          findings.append(
            Finding(
              file: Head.fileName, offset: 0, sequence: durable.sequence,
              what: "the commit is not the one that was durable: the journal was replaced"))
        }
        if checkpoints.contains(commit.cursor.sequence) {
          chains[commit.cursor.sequence] = commit.cursor.chain
        }
      }
      tornTail = reader.tornTail
      try verifyCheckpoints(reader, checkpoints, chains)
      if reader.oldest.sequence > .zero, !checkpoints.contains(reader.oldest.sequence) {
        findings.append(
          Finding(
            file: JournalDirectory.name(
              reader.oldest.sequence, ending: JournalDirectory.checkpointEnding),
            offset: 0, sequence: reader.oldest.sequence,
            what: "the tree that the journal begins with is missing"))
      }
      findings += try JournalCursors(reader.directory).all().damaged
      if findings.isEmpty { findings += try IndexVerification(reader.directory).findings }
    } catch {
      if case .damaged(let finding) = error { findings.append(finding) } else { throw error }
    }
    last = reader.position
  }

  private mutating func verifyCheckpoints(
    _ reader: JournalReader, _ numbers: [Sequence], _ chains: [Sequence: ChainValue]
  ) throws(JournalError) {
    for number in numbers {
      do throws(JournalError) {
        guard let checkpoint = try reader.checkpoint(atOrBefore: number) else { continue }
        var changes = ChangeSet()
        while try checkpoint.next(&changes) {}
        if let chain = chains[number], chain != checkpoint.cursor.chain {
          throw .damaged(
            Finding(
              file: JournalDirectory.name(number, ending: JournalDirectory.checkpointEnding),
              offset: 0, sequence: number, what: "it is of another course of the journal"))
        }
      } catch {
        if case .damaged(let finding) = error { findings.append(finding) } else { throw error }
      }
    }
  }
}
