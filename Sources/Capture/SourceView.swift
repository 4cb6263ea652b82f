import Exclusion
import LinuxSystem
import SystemPackage
import Tree

/// How the observer looks at the source: each function is one look, at what is true at that moment.
///
/// Between two looks anything may change. What the observer concludes must hold whatever that is,
/// which a simulated source tries out.
package protocol SourceView: AnyObject {
  /// The key of the source's root.
  var rootKey: ObjectKey { get }

  /// Whether the source's root still exists somewhere on its filesystem.
  var isAlive: Bool { get }

  /// Chooses the directory that `lookAtName` looks in.
  ///
  /// - Throws: `ESTALE` or `ENOENT` when it is gone; anything else means that nothing is known.
  func enter(_ directory: ObjectKey) throws(Errno)

  /// Looks at a name in the directory that was entered last. Key and observation are of one object,
  /// and so is what `target` and `extendedAttributes` give during the call.
  ///
  /// - Throws: `ENOENT` when the name is not there, `ESTALE` when what it stood for went meanwhile.
  func lookAtName(
    _ name: UnsafeRawBufferPointer, _ body: (ObjectKey, Observation) throws(Errno) -> Void
  ) throws(Errno)

  /// Looks at an object, wherever it is, and even if it has no name any more.
  ///
  /// - Throws: `ESTALE` when it is gone.
  func lookAtObject(
    _ key: ObjectKey, _ body: (Observation) throws(Errno) -> Void
  ) throws(Errno)

  /// The target of the symbolic link that is looked at.
  func target() throws(Errno) -> [UInt8]

  /// The extended attributes of the object that is looked at, as `ExtendedAttributeReader` encodes
  /// them.
  func extendedAttributes() throws(Errno) -> [UInt8]

  /// The directory that a directory is in now; nil when it was removed and is only held open.
  ///
  /// - Throws: `ESTALE` when it is gone.
  func parent(of directory: ObjectKey) throws(Errno) -> ObjectKey?

  /// Makes a regular file that may have a writer show its next change in its ctime, and then looks at
  /// it.
  ///
  /// - Throws: `ESTALE` when it is gone.
  func rearm(
    _ file: ObjectKey, _ body: (Observation) throws(Errno) -> Void
  ) throws(Errno)

  /// Makes a regular file that may have a writer show its next change in its ctime, and does not look at it.
  func writeBack(_ file: ObjectKey) throws(Errno)

  /// Reads a directory into a listing.
  ///
  /// - Parameter emit: takes a listing that is full and gives an empty one.
  /// - Returns: the listing that has the directory's last part.
  /// - Throws: what opening the directory threw; why it could not be read further is in the listing.
  func list(
    _ directory: ObjectKey, into listing: Listing, emit: (Listing) -> Listing?
  ) throws(Errno) -> Listing?

  /// Reads a directory into a listing.
  ///
  /// - Parameters:
  ///   - filter: what it leaves out need not be in the listing.
  func list(
    _ directory: ObjectKey, leavingOut filter: NameFilter?, into listing: Listing,
    emit: (Listing) -> Listing?
  ) throws(Errno) -> Listing?

  /// Reads the names that are in a directory, and looks at nothing else. One that comes or goes
  /// meanwhile may be read or not.
  ///
  /// - Parameter most: so many are enough.
  /// - Returns: whether those were all.
  func names(
    in directory: ObjectKey, most: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(Errno) -> Bool

  /// Starts to read the whole source; directories in `excluded` are named and not entered.
  func readTree(excluded: Set<ObjectKey>) -> any TreeListings

  /// Starts to read the whole source, of which the rules leave something out; that need not be read.
  func readTree(excluded: Set<ObjectKey>, rules: ExclusionRules) -> any TreeListings

  /// Whether a directory has a cache tag.
  func hasCacheTag(in directory: ObjectKey) -> Bool

  /// Closes what is only kept open for speed.
  func letGo()

  /// Whether each directory that is listed is reported of from then on, until it is ignored.
  var reportsByDirectory: Bool { get }

  /// A directory is not part of the source any more: what happens in it need not be reported.
  func ignore(_ directory: ObjectKey)

  /// Whether an object is only found under the names that the mirror knows of it. `ESTALE` then does not
  /// say that it is gone.
  var findsByName: Bool { get }

  /// Whether objects are hinted at by the names that they are reported under.
  var hintsAtNames: Bool { get }

  /// The key of a directory, or an object, that is reported with a handle; nil when it is not known.
  func key(reported handle: ObjectKey) -> ObjectKey?

  /// Finds objects that the mirror has by the handles that they are reported with, where those are not their
  /// keys.
  ///
  /// - Parameters:
  ///   - seen: objects that were just looked at; some of those are most likely meant.
  ///   - body: takes the place of the handle among the given ones, and the object.
  /// - Returns: the places of those that only a look through the whole mirror can find.
  func findReported(
    _ handles: [ObjectKey], among seen: some Swift.Sequence<Mirror.Node>, _ body: (Int, Mirror.Node) -> Void
  ) -> [Int]

  /// Looks through the whole mirror for them. More than one object may have one handle.
  func searchReported(_ handles: [ObjectKey], _ body: (Int, Mirror.Node) -> Void)

  /// Whether what is mounted inside the source is a part of it.
  var followsMounts: Bool { get }

  /// Whether an object is on a filesystem that was mounted inside the source and is not now. Nothing is
  /// known of such an object, and it is not gone.
  func isAway(_ key: ObjectKey) -> Bool

  /// Whether a directory is covered by what is mounted on it, and so not seen.
  func isCovered(_ directory: ObjectKey) -> Bool

  /// Why changes of the source may go unreported from now on; nil while they cannot.
  var failure: Errno? { get }
}

/// A view that shows what is left out loses time and nothing else: the observer drops it.
extension SourceView {
  package func list(
    _ directory: ObjectKey, leavingOut filter: NameFilter?, into listing: Listing,
    emit: (Listing) -> Listing?
  ) throws(Errno) -> Listing? {
    try list(directory, into: listing, emit: emit)
  }

  package func readTree(excluded: Set<ObjectKey>, rules: ExclusionRules) -> any TreeListings {
    readTree(excluded: excluded)
  }

  package func hasCacheTag(in directory: ObjectKey) -> Bool { false }
}

/// A view whose source is reported of as a whole.
extension SourceView {
  package var reportsByDirectory: Bool { false }

  package func ignore(_ directory: ObjectKey) {}

  package var findsByName: Bool { false }

  package var hintsAtNames: Bool { false }

  package func key(reported handle: ObjectKey) -> ObjectKey? { handle }

  package func findReported(
    _ handles: [ObjectKey], among seen: some Swift.Sequence<Mirror.Node>, _ body: (Int, Mirror.Node) -> Void
  ) -> [Int] { [] }

  package func searchReported(_ handles: [ObjectKey], _ body: (Int, Mirror.Node) -> Void) {}

  package var followsMounts: Bool { false }

  package func isAway(_ key: ObjectKey) -> Bool { false }

  package func writeBack(_ file: ObjectKey) throws(Errno) {}

  package func isCovered(_ directory: ObjectKey) -> Bool { false }

  package var failure: Errno? { nil }
}

/// The listings of a pass over the whole source. No listing of a directory comes before the one that
/// names it.
package protocol TreeListings: AnyObject {
  /// Lends the next listing; nil after the last.
  func next() -> Listing?

  /// Gives a listing back to be filled again.
  func recycle(_ listing: Listing)
}
