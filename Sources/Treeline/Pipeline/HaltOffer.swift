/// What is done when a person has a halted backup go on.
struct HaltOffer: Equatable {
  /// As a person is told it, the rest of "this …": `removes 12 of 20 objects at /mnt/disk`.
  var what: String
  var isAccepted = false
}
