import LinuxSystem
import SystemPackage

/// The hashes of contents that were copied since the last complete scrub, found by inode: 40 bytes each.
struct CopiedIndex {
  private var contents: [CopiedContent] = []

  /// Takes over what was noted; what is noted from now on is for the next scrub.
  ///
  /// - Parameter place: the scrub's own directory.
  init(in place: Int32, destination id: [UInt8]) {
    // One that is there is an interrupted scrub's.
    try? Names.rename(CopiedLog.name, in: place, to: CopiedLog.readName, in: place, replacing: false)
    for name in [CopiedLog.readName, CopiedLog.name] { read(name, in: place, seed: CopiedLog.seed(id)) }
    contents.sort { $0.inode < $1.inode }
  }

  /// The scrub is complete: it has noted itself what it read.
  static func end(in place: Int32) { try? Names.removeFile(CopiedLog.readName, in: place) }

  /// The hash that a file's content must have; nil when that is not known.
  func hash(of status: FileStatus) -> UInt64? {
    var low = 0
    var high = contents.count
    while low < high {
      let middle = (low + high) / 2
      if contents[middle].inode < status.inode { low = middle + 1 } else { high = middle }
    }
    while low < contents.count, contents[low].inode == status.inode {
      if contents[low].isOf(status) { return contents[low].hash }
      low += 1
    }
    return nil
  }

  private mutating func read(_ name: UnsafePointer<CChar>, in place: Int32, seed: UInt64) {
    guard let file = try? Descriptor.open(name, in: place, .content),
      (try? FileStatus.of(file.raw).kind) == .regular
    else { return }
    let size = CopiedContent.encodedBytes
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size * 4_096, alignment: 8)
    defer { buffer.deallocate() }
    var at: Int64 = 0
    while let count = try? FileBytes.read(file.raw, at: at, into: buffer), count >= size {
      let whole = count - count % size
      for start in stride(from: 0, to: whole, by: size) {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[start..<start + size])
        if let content = CopiedContent(bytes, seed: seed) { contents.append(content) }
      }
      at += Int64(whole)
    }
  }
}
