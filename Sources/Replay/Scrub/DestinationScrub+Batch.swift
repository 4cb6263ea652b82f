import LinuxSystem
import SystemPackage
import Tree

/// What a scrub has looked at, compared with the journal and the source.
extension DestinationScrub {
  /// Compares what is new or was touched with the journal and the source, and writes down what was found.
  func finish(
    _ batch: inout ScrubBatch, _ writer: inout ScrubRecordWriter, _ suspects: inout [ScrubSuspect]
  ) throws(Errno) {
    if !onProgress(0, progress) { isStopping = true }
    let ids = Set(batch.items.compactMap { $0.isToBeChecked ? $0.id : nil })
    var states: [ObjectID: OwedObject] = [:]
    if let expectation, !ids.isEmpty {
      do throws(ReplayError) { states = try expectation.states(of: ids) } catch {
        // The journal dropped what is needed, or is damaged: these are read again the next time.
      }
    }
    for index in batch.items.indices {
      let item = batch.items[index]
      var record = batch.records[index]
      if item.isToBeChecked, let id = item.id {
        guard let object = states[id], let expectation, !expectation.busy.contains(id) else { continue }
        if let what = check(item, object, id, expectation, &record) {
          suspects.append(ScrubSuspect(what: what, id: id))
          if suspects.count >= Self.suspectsMax { settle(&suspects) }
        }
      } else if item.isNew {
        progress.unconfirmed += 1
      }
      try writer.add(record)
    }
    try writer.flush()
    batch = ScrubBatch()
  }

  /// - Returns: what is wrong; then the record is one by which it is looked at again.
  private func check(
    _ item: ScrubBatch.Item, _ object: OwedObject, _ id: ObjectID, _ expectation: ScrubExpectation,
    _ record: inout ScrubRecord
  ) -> ScrubFinding.What? {
    guard let status = item.status else { return nil }
    if status.kind != object.attributes.kind {
      record.stamp = 0
      return .missing
    }
    if item.isNew {
      let isAsWritten =
        status.sizeBytes == object.attributes.sizeBytes && status.modified == object.attributes.modified
      switch sourceHash(object, expectation) {
      case item.hash?: break
      case let wanted?:
        record.hash = wanted
        record.stamp = 0
        return isAsWritten ? .differs : .edited
      case nil:
        if !isAsWritten, expectation.canHoldAll(of: id) {
          record.stamp = 0
          return .edited
        }
        progress.unconfirmed += 1
      }
    }
    if item.hasAttributes(of: object) || !expectation.canHoldAll(of: id) { return nil }
    record.stamp = 0
    return status.kind == .symbolicLink && item.target != object.target ? .missing : .attributes
  }

  /// The hash of a source's file that is in the recorded state; nil where there is none.
  private func sourceHash(_ object: OwedObject, _ expectation: ScrubExpectation) -> UInt64? {
    guard let key = object.key, source != nil else { return nil }
    for link in object.links {
      guard let above = expectation.names(to: link.parent),
        let file = try? source!.open(key, parent: link.parent, names: above + [link.name.bytes])
      else { continue }
      let opened = file
      guard let before = try? FileStatus.of(opened.raw), ContentStamp(before) == object.stamp,
        let hash = try? hasher.hash(opened.raw, didRead: { didRead($0) }),
        let after = try? FileStatus.of(opened.raw), ContentStamp(after) == object.stamp
      else { return nil }
      return hash
    }
    return nil
  }
}
