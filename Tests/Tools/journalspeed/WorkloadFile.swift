import Glibc
import LinuxSystem
import Tree

/// Changes in a file that C reads as it is: `cjournal.h` says how its structures look.
///
///     counts of commits, objects, links and bytes        8 each
///     for each commit: objects, links, bytes             8 each
///     objects 104 each, links 24 each, bytes
enum WorkloadFile {
  static func write(_ commits: [ChangeSet], to path: String) {
    var out: [UInt8] = []
    func put<Value: FixedWidthInteger>(_ value: Value) {
      withUnsafeBytes(of: value.littleEndian) { out.append(contentsOf: $0) }
    }
    func put(_ slice: ChangeSet.Slice) {
      put(slice.offset)
      put(slice.count)
    }
    put(UInt64(commits.count))
    put(UInt64(commits.reduce(0) { $0 + $1.objects.count }))
    put(UInt64(commits.reduce(0) { $0 + $1.links.count }))
    put(UInt64(commits.reduce(0) { $0 + $1.bytes.count }))
    for commit in commits {
      put(UInt64(commit.objects.count))
      put(UInt64(commit.links.count))
      put(UInt64(commit.bytes.count))
    }
    for commit in commits {
      for object in commit.objects {
        put(object.id.rawValue)
        put(object.attributes.modified.seconds)
        put(object.changed.seconds)
        put(object.drainedSeconds)
        put(object.attributes.device)
        put(object.attributes.sizeBytes)
        put(object.attributes.modified.nanoseconds)
        put(object.changed.nanoseconds)
        put(object.attributes.mode)
        put(object.attributes.uid)
        put(object.attributes.gid)
        put(UInt32(object.facts.rawValue))
        put(object.firstLink)
        put(object.linkCount)
        put(object.key)
        put(object.target)
        put(object.extendedAttributes)
      }
    }
    for commit in commits {
      for link in commit.links {
        put(link.parent.rawValue)
        put(link.name)
        put(UInt32(link.isGained ? 1 : 0))
        put(UInt32(0))
      }
    }
    for commit in commits { out.append(contentsOf: commit.bytes) }
    let file = fopen(path, "w")!
    precondition(fwrite(out, 1, out.count, file) == out.count && fclose(file) == 0, "cannot write \(path)")
  }

  static func read(_ path: String) -> [ChangeSet] {
    let file = open(path, O_RDONLY)
    let all = (try? FileBytes.readAll(file, limit: .max)) ?? []
    close(file)
    var at = 0
    func take<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value {
      defer { at += MemoryLayout<Value>.size }
      return all.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: Value.self)) }
    }
    func slice() -> ChangeSet.Slice { ChangeSet.Slice(offset: take(), count: take()) }
    let commitCount: UInt64 = take()
    at += 24
    let counts = (0..<commitCount).map { _ in [Int(take(UInt64.self)), Int(take(UInt64.self)), Int(take(UInt64.self))] }
    var commits = counts.map { counts in
      var changes = ChangeSet()
      changes.objects.reserveCapacity(counts[0])
      for _ in 0..<counts[0] {
        let id = ObjectID(take())
        let (modified, changed, drained): (Int64, Int64, Int64) = (take(), take(), take())
        let (device, size): (UInt64, UInt64) = (take(), take())
        let (modifiedNanoseconds, changedNanoseconds): (UInt32, UInt32) = (take(), take())
        let attributes = Attributes(
          mode: take(), uid: take(), gid: take(), device: device, sizeBytes: size,
          modified: Timestamp(seconds: modified, nanoseconds: modifiedNanoseconds))
        changes.objects.append(
          ObjectChange(
            id: id, facts: ObjectChange.Facts(rawValue: UInt16(take(UInt32.self))), attributes: attributes,
            changed: Timestamp(seconds: changed, nanoseconds: changedNanoseconds), drainedSeconds: drained,
            firstLink: take(), linkCount: take(), key: slice(), target: slice(), extendedAttributes: slice()))
      }
      return changes
    }
    for index in commits.indices {
      commits[index].links = (0..<counts[index][1]).map { _ in
        let (parent, name) = (ObjectID(take()), slice())
        defer { at += 4 }
        return LinkChange(parent: parent, name: name, isGained: take(UInt32.self) != 0)
      }
    }
    for index in commits.indices {
      commits[index].bytes = Array(all[at..<at + counts[index][2]])
      at += counts[index][2]
    }
    return commits
  }
}
