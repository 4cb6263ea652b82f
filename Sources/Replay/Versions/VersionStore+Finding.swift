import LinuxSystem
import SystemPackage
import Tree

extension VersionStore {
  /// The first version of each object that was kept up to a commit or a later one.
  static func contents(
    in own: Int32, journal number: [UInt8], from first: Sequence
  ) throws(Errno) -> [ObjectID: Sequence] {
    let path = [Array(name.utf8), Array(hexadecimal(number).utf8)]
    let journal = try AnchoredPath.openDirectory(beneath: own, path, .list)
    var found: [ObjectID: Sequence] = [:]
    let places = try names(journal.raw).compactMap { Sequence(digits: $0) }.filter { $0 >= first }
    for place in places.sorted() {
      let slots: [[UInt8]]
      do throws(Errno) {
        slots = try withCString(place.digits) { name throws(Errno) in
          let opened = try Descriptor.open(name, in: journal.raw, .list)
          return try names(opened.raw)
        }
      } catch .noSuchFileOrDirectory {
        continue  // it was let go of in this moment
      }
      for slot in slots {
        guard let id = UInt64(String(decoding: slot, as: UTF8.self)) else { continue }
        if found[ObjectID(id)] == nil { found[ObjectID(id)] = place }
      }
    }
    return found
  }
  /// Up to which commits contents of some objects were kept, from one on, oldest first.
  static func places(
    of ids: Set<ObjectID>, in own: Int32, journal number: [UInt8], from first: Sequence
  ) throws(Errno) -> [ObjectID: [Sequence]] {
    let path = [Array(name.utf8), Array(hexadecimal(number).utf8)]
    let journal = try AnchoredPath.openDirectory(beneath: own, path, .list)
    var found: [ObjectID: [Sequence]] = [:]
    for place in try names(journal.raw).compactMap({ Sequence(digits: $0) }).sorted() where place >= first {
      guard let directory = try? withCString(place.digits, { name throws(Errno) in
        try Descriptor.open(name, in: journal.raw, .walk)
      }) else { continue }  // it was let go of in this moment
      let opened = directory
      for id in ids where withCString(id.digits, { (try? FileStatus.of($0, in: opened.raw)) != nil }) {
        found[id, default: []].append(place)
      }
    }
    return found
  }
}
