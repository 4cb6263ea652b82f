import LinuxSystem
import Tree

extension Listing {
  /// Adds an entry that was looked at, with its attributes by value.
  ///
  /// - Parameter isTorn: handle and attributes are known not to be of one object.
  package func add(
    _ name: UnsafeRawBufferPointer, _ key: ObjectKey, _ observation: Observation, isTorn: Bool,
    target: [UInt8], extendedAttributes: [UInt8]
  ) {
    entries.append(
      Entry(
        name: store(name), key: key, observation: observation,
        extendedAttributes: extendedAttributes.withUnsafeBytes { store($0) },
        target: target.withUnsafeBytes { store($0) }, isTorn: isTorn))
  }
}
