import LinuxSystem
import SystemPackage
import Tree

/// Compares what an object at a destination has with what the journal says of it.
enum ScrubAttributes {
  /// Whether all but the content is equal.
  ///
  /// - Parameter opened: an O_PATH descriptor serves.
  static func areEqual(_ opened: Int32, _ object: OwedObject) -> Bool {
    var reader = ExtendedAttributeReader()
    guard let status = try? FileStatus.of(opened), areEqual(status, object.attributes),
      (try? reader.read(opened, flags: status.flags)) != nil
    else { return false }
    if status.kind == .symbolicLink,
      (try? withCString([], { name throws(Errno) in try Names.target(of: name, in: opened) })) != object.target
    {
      return false
    }
    return reader.encoded == (object.extendedAttributes ?? [])
  }

  /// What stat(2) tells but the size.
  static func areEqual(_ status: FileStatus, _ wanted: Attributes) -> Bool {
    status.kind == wanted.kind && status.uid == wanted.uid && status.gid == wanted.gid
      && (status.kind == .symbolicLink || status.mode == wanted.mode)
      && status.modified == wanted.modified && status.specialDevice == wanted.device
  }
}
