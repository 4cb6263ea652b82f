import LinuxSystem
import SystemPackage
import Tree

/// Regular files are made by two threads where there are many: to read and write them is most of the
/// work of a burst.
extension Replayer {
  /// What became of a file that was to be made.
  struct MadeFile {
    enum Outcome {
      case made(Stager.Made)
      /// Nothing has changed since it was copied.
      case unchanged
      case failed(Stager.Failure)
    }

    var id: ObjectID
    var outcome: Outcome
  }

  /// From so many files on a second thread takes part: it takes as long to start as one file.
  private static var sharedFilesMin: Int { 64 }
  /// Files that a thread takes in one go.
  private static var takenFilesMax: Int { 16 }

  /// Makes files in the park; nothing else is changed.
  func makeFiles(_ ids: [ObjectID]) -> [MadeFile] {
    var made: [MadeFile] = []
    let next = Guarded(0)
    guard let destination else { return made }
    let park = destination.park.raw
    // Found out before there are two threads that ask.
    if ids.contains(where: { isLarge(owed[$0]!) }) { _ = destination.sharesBlocks }
    guard ids.count >= Self.sharedFilesMin, let assistant = hireAssistant() else {
      makeFiles(ids, next, in: park, on: bench, &made)
      return made
    }
    let annex = destination.annex.raw
    // Both only read what is owed and what is there until the assistant has ended.
    nonisolated(unsafe) let replayer = self
    let others = Guarded<[MadeFile]>([])
    let thread = Thread("treeline-stage") {
      var made: [MadeFile] = []
      replayer.makeFiles(ids, next, in: annex, on: assistant, &made)
      others.with { $0 = made }
    }
    makeFiles(ids, next, in: park, on: bench, &made)
    thread.join()
    bench.setter.tell(assistant.setter.losses)
    for file in others.with({ $0 }) {
      if case .made = file.outcome { destination.noteAnnexed(file.id) }
      made.append(file)
    }
    return made
  }

  private func hireAssistant() -> StagingBench? {
    if assistant == nil, processorCount() > 1 {
      assistant = try? bench.makeAnother()
      assistant?.countBytes(meter)
    }
    return assistant
  }

  private func makeFiles(
    _ ids: [ObjectID], _ next: Guarded<Int>, in place: Int32, on bench: StagingBench,
    _ made: inout [MadeFile]
  ) {
    var shortage: Errno?
    while true {
      let taken = next.with { next in
        let taken = next..<min(next + Self.takenFilesMax, ids.count)
        next = taken.upperBound
        return taken
      }
      if taken.isEmpty { return }
      for id in ids[taken] {
        if let shortage, !hasReserve(in: place) {
          made.append(MadeFile(id: id, outcome: .failed(.doesNotFit(shortage))))
          continue
        }
        meter?.note(object: { path(of: id) })
        let outcome = makeFile(id, in: place, on: bench)
        made.append(MadeFile(id: id, outcome: outcome))
        if case .failed(.doesNotFit(let error)) = outcome { shortage = error }
        if case .failed(.failed(let error)) = outcome, isFatal(error) {
          // What concerns all of the destination ends it for both.
          next.with { $0 = ids.count }
          return
        }
      }
    }
  }

  private func makeFile(
    _ id: ObjectID, in place: Int32, on bench: StagingBench
  ) -> MadeFile.Outcome {
    let object = owed[id]!
    do throws(Stager.Failure) {
      guard let opened = try openContent(object, on: bench) else { throw .pending }
      let file = opened
      if object.problem == .newer, let status = try? FileStatus.of(file.raw),
        ContentStamp(status) == object.copied
      {
        return .unchanged
      }
      if let meter, isLarge(object) { meter.note(large: path(of: id)) }
      do throws(Stager.Failure) {
        guard let basis = openBasis(id, object) else {
          return .made(try makeFile(id, object, from: file.raw, basis: nil, in: place, on: bench))
        }
        return .made(try makeFile(id, object, from: file.raw, basis: basis.raw, in: place, on: bench))
      } catch .failed(let error) {
        throw error.saysFull && !canMakeRoom(for: file.raw, in: place) ? .doesNotFit(error) : .failed(error)
      }
    } catch {
      return .failed(error)
    }
  }

  private func makeFile(
    _ id: ObjectID, _ object: OwedObject, from source: Int32, basis: Int32?, in place: Int32,
    on bench: StagingBench
  ) throws(Stager.Failure) -> Stager.Made {
    try removingStale(id, in: place) { () throws(Stager.Failure) in
      try bench.stager.makeFile(
        id, object, from: source, basis: basis, takesNewer: options.takesNewer, in: place, &bench.setter)
    }
  }

  /// Opens the source's file under one of the names that the object must have.
  func openContent(
    _ object: OwedObject, on bench: StagingBench
  ) throws(Stager.Failure) -> Descriptor? {
    guard let key = object.key, bench.source != nil else { return nil }
    for link in object.links {
      guard var names = wantedNames(link.parent) else { continue }
      names.append(link.name.bytes)
      do throws(ContentSource.Failure) {
        return try bench.source!.open(key, parent: link.parent, names: names)
      } catch {
        if case .unreadable(let errno) = error { throw .unreadable(errno) }
      }
    }
    return nil
  }
}
