/// The one net change that does what `a` and then `b` do, where the tree after `a` is the one before
/// `b`.
///
/// It is associative, the empty set is its identity, and it follows these rules, object by object:
/// - Links: lost is what `a` lost and `b` did not bring back, and what `b` lost and `a` had not
///   brought; gained likewise. A name that came and went is no change.
/// - Created and then removed is nothing at all, and left out. Nothing else is: an object whose
///   name went and came back stays, perhaps with no fact, because its ctime moved, and content still
///   owed is found by that.
/// - Created and then changed is created, as it is after `b`.
/// - Removed and then created does not occur, since numbers are never used again; it counts as an
///   object that was kept, with all of it suspect.
/// - What is said of attributes and extended attributes adds up, and is as after `b`.
/// - Of content, the last word holds. Where `b` says nothing, that of `a` does: content stays owed,
///   and its stamp is the one after `b`, for `b` would have said so had the content changed. Where
///   `a` says `content` and `b` `unsettled`, what `a` meant is no longer there to be copied; the
///   destination keeps what it has until a later commit says `content`, as one must.
///
/// Several sets are composed faster by one `ChangeComposer`.
public func compose(_ a: ChangeSet, _ b: ChangeSet) -> ChangeSet {
  var composer = ChangeComposer()
  composer.add(a)
  composer.add(b)
  return composer.finish()
}
