import LinuxSystem
import Tree

/// Which objects were made a moment ago, and under which names, so that of what is removed at once the name is
/// known: nobody else ever sees it.
struct PassingNames {
  /// Where an object has its only name.
  struct Place {
    var directory: ObjectKey
    var name: Name
    var isDirectory: Bool
  }

  /// Some 2 MiB.
  private var places = RecentTable<ObjectKey, Place>(halfCountMax: 4_096)

  /// An object got a name. With a second one, it stays when the first goes.
  mutating func add(_ key: ObjectKey, _ place: Place) {
    if take(key) == nil { places.add(key, place) }
  }

  /// An object was renamed.
  mutating func move(_ key: ObjectKey, to directory: ObjectKey, _ name: Name) {
    guard var place = take(key) else { return }
    place.directory = directory
    place.name = name
    places.add(key, place)
  }

  /// An object is told of no more: it is gone, or is no news.
  ///
  /// - Returns: its place; nil where it was not made a moment ago.
  mutating func take(_ key: ObjectKey) -> Place? { places.take(key) }
}
