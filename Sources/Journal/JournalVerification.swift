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
  public var summary = JournalSummary()

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
    summary.id = reader.id
    summary.source = reader.source
    var commit = Commit()
    do throws(JournalError) {
      let durable = try reader.durable()
      while try reader.next(&commit) {
        if commit.cursor.sequence == durable.sequence, commit.cursor.chain != durable.chain {
          findings.append(
            Finding(
              file: Head.fileName, offset: 0, sequence: durable.sequence,
              what: "the commit is not the one that was durable: the journal was replaced"))
        }
        summary.add(commit)
      }
      tornTail = reader.tornTail
      try verifyCheckpoints(reader)
      try summary.measure(reader.directory)
    } catch {
      if case .damaged(let finding) = error { findings.append(finding) } else { throw error }
    }
    last = reader.position
  }

  private mutating func verifyCheckpoints(_ reader: JournalReader) throws(JournalError) {
    for number in try reader.directory.numbers(ending: JournalDirectory.checkpointEnding) {
      do throws(JournalError) {
        guard let checkpoint = try reader.checkpoint(atOrBefore: number) else { continue }
        var changes = ChangeSet()
        while try checkpoint.next(&changes) {}
        summary.checkpoints.append(number)
      } catch {
        if case .damaged(let finding) = error { findings.append(finding) } else { throw error }
      }
    }
  }
}
