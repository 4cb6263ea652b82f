import LinuxSystem
import Tree

/// What processes did, as it was taken from a watch in one go.
package struct TakenDeeds {
  /// In place of a name stands the process: its place in `processes`, in 4 bytes. The hint is what it
  /// did.
  package var deeds = DirtySet()
  package var processes: [ProcessRecord] = []
  /// What was made and has lost its name again.
  package struct Passed {
    package var key: ObjectKey
    /// Where it had its last name.
    package var directory: ObjectKey
    package var name: Name
    package var isDirectory: Bool

    package init(key: ObjectKey, directory: ObjectKey, name: Name, isDirectory: Bool) {
      self.key = key
      self.directory = directory
      self.name = name
      self.isDirectory = isDirectory
    }
  }

  /// The oldest of them: what more there are of one batch is not told.
  package private(set) var passed: [Passed] = []
  package static let passedCountMax = 1_024
  /// Reports were lost.
  package var isIncomplete = false

  package init() {}

  /// Notes what a process did to the object of a handle.
  package mutating func add(
    _ done: Deeds, type: Int32, key: UnsafeRawBufferPointer, process: UInt32
  ) {
    withUnsafeBytes(of: process) { place in
      deeds.add(
        DirtySet.Hint(rawValue: UInt32(done.rawValue)), type: type, key: key, name: place)
    }
  }

  /// Notes what came and went.
  package mutating func add(_ gone: Passed) {
    if passed.count < Self.passedCountMax { passed.append(gone) }
  }

  /// Lends all that was noted.
  package func forEach(_ body: (ObjectKey, Int, Deeds) -> Void) {
    deeds.forEach { record in
      let place = record.name.loadUnaligned(as: UInt32.self)
      body(record.key, Int(place), Deeds(rawValue: UInt16(truncatingIfNeeded: record.hint.rawValue)))
    }
  }
}
