import Tree

/// The changes of one commit, and who made them, as far as that was recorded.
struct AttributedChanges {
  var changes: ChangeSet
  var attribution = Attribution()
}
