import LinuxSystem
import SystemPackage
import Tree

/// Which objects may lack flags that forbid changes while a plan is done: the file `unsealed` in the
/// destination's own directory, there from before the first such flag is cleared until all are set again.
///
/// ```
/// magic and version        8   "TLunsea" and 1
/// objects                  8 each, little-endian
/// ```
/// It names all objects of the plan and the directories that they are in, in one write: more than have such a
/// flag, and what it names costs no more than to have its attributes set once more.
enum Unsealed {
  /// The file is none that was written here.
  struct Damaged: Error {}

  private static let magic: [UInt8] = Array("TLunsea".utf8) + [1]
  /// Many times what a plan has objects and names.
  private static let bytesMax = 64 << 20

  static func write(_ ids: Set<ObjectID>, in own: Int32, syncing: Bool) throws(Errno) {
    try? Names.removeFile("unsealed.new", in: own)
    let file = try Descriptor.open("unsealed.new", in: own, .make, mode: 0o600)
    var content = PayloadWriter()
    content.put(raw: magic)
    for id in ids.sorted() { content.put(id.rawValue) }
    try FileBytes.write(file.raw, at: 0, content.bytes)
    if syncing { try FileBytes.sync(file.raw) }
    try Names.rename("unsealed.new", in: own, to: "unsealed", in: own, replacing: true)
    if syncing { try FileBytes.sync(own) }
  }

  static func isThere(in own: Int32) -> Bool { (try? FileStatus.of("unsealed", in: own)) != nil }

  /// The objects that it names; none where there is no such file.
  static func read(in own: Int32) throws(Damaged) -> Set<ObjectID> {
    var ids: Set<ObjectID> = []
    if !isThere(in: own) { return ids }
    guard let file = try? Descriptor.open("unsealed", in: own, .content),
      (try? FileStatus.of(file.raw))?.kind == .regular,
      let bytes = try? FileBytes.readAll(file.raw, limit: bytesMax), bytes.count < bytesMax
    else { throw Damaged() }
    var reader = PayloadReader(bytes)
    guard let found = try? reader.raw(8), found.elementsEqual(magic) else { throw Damaged() }
    while let id = try? ObjectID(reader.number()) { ids.insert(id) }
    return ids
  }
}
