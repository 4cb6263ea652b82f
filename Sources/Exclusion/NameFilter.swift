/// Says of the names in one directory whether they are left out.
package struct NameFilter {
  package let matcher: ExclusionMatcher
  package let place: ExclusionMatcher.Place
  /// All but the tag is left out.
  package let isCache: Bool

  package init(_ matcher: ExclusionMatcher, _ place: ExclusionMatcher.Place, isCache: Bool) {
    self.matcher = matcher
    self.place = place
    self.isCache = isCache
  }

  /// - Parameter isDirectory: nil when that is not known; then only what is left out whatever it is.
  package func leavesOut(_ name: UnsafeRawBufferPointer, isDirectory: Bool?) -> Bool {
    if isCache, !CacheTag.isName(name) { return true }
    if let isDirectory {
      return matcher.isExcluded(name, isDirectory: isDirectory, in: place)
    }
    return matcher.isExcluded(name, isDirectory: false, in: place)
      && matcher.isExcluded(name, isDirectory: true, in: place)
  }

  /// What stays open in a directory that has this name.
  ///
  /// - Returns: nil when the directory is left out.
  package func openParts(ofDirectory name: UnsafeRawBufferPointer) -> [UInt64]? {
    if leavesOut(name, isDirectory: true) { return nil }
    return matcher.dependsOnPath ? matcher.openParts(of: matcher.place(of: name, in: place)) : []
  }
}
