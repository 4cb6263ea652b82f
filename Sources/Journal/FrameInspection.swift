/// The decoder's view of one frame's content, for tests that forge contents whose checksums are right.
///
/// - Returns: what the content says; nil when it is refused.
package func changes(inFrame content: UnsafeRawBufferPointer) -> Commit? {
  var commit = Commit()
  do throws(ByteReader.Malformed) {
    let header = try FrameDecoder.decode(
      content, marks: &commit.marks, changes: &commit.changes,
      attribution: &commit.attribution
    ).0
    commit.header.flags = header.commitFlags
    commit.header.time = header.time
    commit.header.rawTime = header.rawTime
    return commit
  } catch {
    return nil
  }
}
