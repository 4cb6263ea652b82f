/// The names of a plan while it is made: who has each now, who must have it, and the verbs so far.
///
/// Names and objects are numbered, so that all but the first look at a name is an array access.
struct Planner {
  typealias Number = Int32
  /// No object.
  static let nobody: Number = -1

  /// A name that an object must get.
  struct Gain {
    var object: Number
    var target: Number
    var isPlaced = false
    /// It waits for another gain to clear its target.
    var isWaiting = false
  }

  /// What is known of an object beside its names.
  struct State {
    /// It is made in the park, and takes its names from there.
    var isStaged = false
    /// It is to have a name in the end.
    var stays = false
    /// It is a directory that was moved or made.
    var isMoved = false
    /// How many names it has now. Of a staged object these are names of the old content.
    var liveCount = 0
    /// How many of its gains are not placed.
    var owedCount = 0
    var gains: Range<Int> = 0..<0
    /// Names to take others from; of these, some may be gone meanwhile. A directory's last is its
    /// only one.
    var sources: [Number] = []
    /// Names that go and that no non-directory replaces; the first to use are last.
    var movable: [Number] = []
  }

  let objects: [PlanObject]
  var states: [State]
  var gains: [Gain] = []

  private var numbers: [Link: Number]
  /// By the number of a name.
  var links: [Link] = []
  var occupants: [Number] = []
  var claimants: [Number] = []

  /// New directories that are still where they were made.
  var unplaced: Set<ObjectID> = []
  /// The outermost new directory of each that was made in one.
  private var tops: [ObjectID: ObjectID] = [:]

  var verbs: [Verb] = []
  /// Directories in which a verb touched a name, in that order.
  var touched: [ObjectID] = []
  private var touchedSet: Set<ObjectID> = []

  init(_ objects: [PlanObject]) {
    self.objects = objects
    states = Array(repeating: State(), count: objects.count)
    numbers = Dictionary(minimumCapacity: objects.count * 2)
    verbs.reserveCapacity(objects.count * 2)
    for index in objects.indices { enter(index) }
    for index in objects.indices where states[index].owedCount > 0 { findMovable(index) }
  }

  private mutating func enter(_ index: Int) {
    let object = objects[index]
    let final = Self.finalLinks(of: object)
    let isPresent = !object.current.isEmpty
    states[index].isStaged = !final.isEmpty && (object.isDirectory ? !isPresent : object.isStaged)
    states[index].stays = object.id == .root || !final.isEmpty
    if object.isDirectory && (states[index].isStaged || object.current == [.staged(object.id)]) {
      unplaced.insert(object.id)
    }
    if object.isDirectory, let top = object.top { tops[object.id] = top }
    for link in object.current {
      if states[index].isStaged && link == .staged(object.id) { continue }
      let name = number(link)
      occupants[Int(name)] = Number(index)
      states[index].liveCount += 1
      states[index].sources.append(name)
    }
    let first = gains.count
    if isPresent || states[index].isStaged {
      for link in final { claim(number(link), index) }
    }
    states[index].gains = first..<gains.count
    states[index].owedCount = gains.count - first
  }

  /// Where an object must be; a directory has one place, and what is kept without a name is parked.
  private static func finalLinks(of object: PlanObject) -> ArraySlice<Link> {
    if object.final.isEmpty { return object.isKept ? [.parked(object.id)] : [] }
    return object.isDirectory ? object.final.prefix(1) : object.final[...]
  }

  private mutating func claim(_ name: Number, _ index: Int) {
    if claimants[Int(name)] == Number(index) { return }
    if claimants[Int(name)] == Self.nobody { claimants[Int(name)] = Number(index) }
    if occupants[Int(name)] == Number(index) && !states[index].isStaged { return }
    gains.append(Gain(object: Number(index), target: name))
  }

  /// Finds the names that may be moved away. One that a non-directory is to get stays until it is
  /// replaced, so that the name is never missing.
  private mutating func findMovable(_ index: Int) {
    if states[index].isStaged || objects[index].isDirectory { return }
    let going = states[index].sources.filter { name in
      let claimant = claimants[Int(name)]
      return claimant == Self.nobody
        || (claimant != Number(index) && objects[Int(claimant)].isDirectory)
    }
    states[index].movable =
      going.filter { links[Int($0)].parent != .park }
      + going.filter { links[Int($0)].parent == .park }
  }

  /// The number of a name.
  mutating func number(_ link: Link) -> Number {
    if let known = numbers[link] { return known }
    let new = Number(links.count)
    numbers[link] = new
    links.append(link)
    occupants.append(Self.nobody)
    claimants.append(Self.nobody)
    return new
  }

  /// A name in the park that nobody has or gets.
  mutating func freeParkName(for index: Int) -> Number {
    let id = objects[index].id
    var link = Link.parked(id)
    var attempt = 0
    while true {
      let name = number(link)
      if occupants[Int(name)] == Self.nobody && claimants[Int(name)] == Self.nobody { return name }
      attempt += 1
      link = Link(.park, Name("\(id.rawValue).\(attempt)"))
    }
  }

  /// Whether a directory is new and has no place yet, or lies in one that has none.
  func isUnplaced(_ directory: ObjectID) -> Bool { unplaced.contains(tops[directory] ?? directory) }

  /// Notes that a verb touches a name in a directory.
  mutating func touch(_ name: Number) { touch(links[Int(name)].parent) }

  mutating func touch(_ directory: ObjectID) {
    if directory != .park, touchedSet.insert(directory).inserted { touched.append(directory) }
  }
}
