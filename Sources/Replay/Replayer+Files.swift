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
    var nest: Staging.Nest?
    var outcome: Outcome
  }

  /// A file that is to be made, and where if not in the park.
  struct WantedFile {
    var id: ObjectID
    var nest: Staging.Nest?
  }

  /// From so many files on a second thread takes part: it takes as long to start as one file.
  private static var sharedFilesMin: Int { 64 }
  /// Files that a thread takes in one go.
  private static var takenFilesMax: Int { 16 }
  /// Files of one new directory that a thread takes in one go: two in it would wait for each other.
  private static var takenNestedMax: Int { 256 }

  /// Makes files in the park and in new directories; nothing else is changed.
  func makeFiles(_ files: [WantedFile], _ staging: Staging) -> [MadeFile] {
    var made: [MadeFile] = []
    let next = Guarded(0)
    guard let destination else { return made }
    let park = destination.park.raw
    // Found out before there are two threads that ask.
    if files.contains(where: { isLarge(owed[$0.id]!) }) { _ = destination.sharesBlocks }
    guard files.count >= Self.sharedFilesMin, let assistant = hireAssistant() else {
      makeFiles(files, staging, next, in: park, on: bench, &made)
      return made
    }
    let annex = destination.annex.raw
    // Both only read what is owed and what is there until the assistant has ended.
    nonisolated(unsafe) let replayer = self
    let others = Guarded<[MadeFile]>([])
    let thread = Thread("treeline-stage") {
      var made: [MadeFile] = []
      replayer.makeFiles(files, staging, next, in: annex, on: assistant, &made)
      others.with { $0 = made }
    }
    makeFiles(files, staging, next, in: park, on: bench, &made)
    thread.join()
    bench.setter.tell(assistant.setter.losses)
    for file in others.with({ $0 }) {
      if case .made = file.outcome, file.nest == nil { destination.noteAnnexed(file.id) }
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
    _ files: [WantedFile], _ staging: Staging, _ next: Guarded<Int>, in place: Int32,
    on bench: StagingBench, _ made: inout [MadeFile]
  ) {
    var shortage: Errno?
    while true {
      let taken = next.with { next in
        let taken = next..<Self.end(of: files, from: next)
        next = taken.upperBound
        return taken
      }
      if taken.isEmpty { return }
      for file in files[taken] {
        var outcome: MadeFile.Outcome
        if let shortage, !hasReserve(in: place) {
          outcome = .failed(.doesNotFit(shortage))
        } else {
          meter?.note(object: { path(of: file.id) })
          outcome = makeFile(file, staging, in: place, on: bench)
        }
        made.append(MadeFile(id: file.id, nest: file.nest, outcome: outcome))
        if case .failed(.doesNotFit(let error)) = outcome { shortage = error }
        if case .failed(.failed(let error)) = outcome, isFatal(error) {
          // What concerns all of the destination ends it for both.
          next.with { $0 = files.count }
          return
        }
      }
    }
  }

  /// Where the share ends that a thread takes next.
  private static func end(of files: [WantedFile], from start: Int) -> Int {
    guard start < files.count, let parent = files[start].nest?.link.parent else {
      return min(start + takenFilesMax, files.count)
    }
    var end = start + 1
    while end < min(start + takenNestedMax, files.count), files[end].nest?.link.parent == parent {
      end += 1
    }
    return end
  }

  private func makeFile(
    _ file: WantedFile, _ staging: Staging, in park: Int32, on bench: StagingBench
  ) -> MadeFile.Outcome {
    let object = owed[file.id]!
    do throws(Stager.Failure) {
      guard let opened = try openContent(object, on: bench) else { throw .pending }
      let source = opened
      if object.problem == .newer, let status = try? FileStatus.of(source.raw),
        ContentStamp(status) == object.copied
      {
        return .unchanged
      }
      if let meter, isLarge(object) { meter.note(large: path(of: file.id)) }
      let place = try place(for: file.nest, staging, otherwise: park, on: bench)
      do throws(Stager.Failure) {
        guard let basis = openBasis(file.id, object) else {
          return .made(try makeFile(file, object, from: source.raw, basis: nil, in: place, on: bench))
        }
        return .made(try makeFile(file, object, from: source.raw, basis: basis.raw, in: place, on: bench))
      } catch .failed(let error) {
        throw error.saysFull && !canMakeRoom(for: source.raw, in: place) ? .doesNotFit(error) : .failed(error)
      }
    } catch {
      return .failed(error)
    }
  }

  private func makeFile(
    _ file: WantedFile, _ object: OwedObject, from source: Int32, basis: Int32?, in place: Int32,
    on bench: StagingBench
  ) throws(Stager.Failure) -> Stager.Made {
    try removingStale(file.id, file.nest, in: place) { name throws(Stager.Failure) in
      try bench.stager.makeFile(
        name, object, from: source, basis: basis, takesNewer: options.takesNewer, in: place, &bench.setter)
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
