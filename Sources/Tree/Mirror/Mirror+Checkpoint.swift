import LinuxSystem

extension Mirror {
  /// Gives the whole tree as changes from the empty tree, some thousands of objects at a time.
  ///
  /// A directory stands before what is in it. An object with several names comes with one of them;
  /// the others follow, in sets of their own, at the end. The root is never `created`.
  /// - Precondition: nothing waits for a commit.
  public func forEachChunk<Failure: Error>(
    objects limit: Int = 16_384, _ body: (ChangeSet) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(!hasChanges, "a checkpoint is made of what is committed")
    var chunk = ChangeSet()
    var directories: [UInt32] = []
    append(root, facts: [.attributes, .extendedAttributes], to: &chunk)
    directories.append(root.row)
    // What was found nowhere hangs on nothing.
    for row in 2..<max(2, UInt32(ids.count))
    where flags[row].contains(.live) && parents[row] == 0 && !flags[row].contains(.hasExtraLinks) {
      appendCreated(Node(row: row), to: &chunk)
      if modes[row] >> 12 == 4 { directories.append(row) }
    }
    while let directory = directories.popLast() {
      var failure: Failure? = nil
      forEachChild(of: Node(row: directory)) { place in
        guard !place.isExtra, failure == nil else { return }
        appendCreated(Node(row: place.row), to: &chunk)
        appendLink(place, to: &chunk)
        if modes[place.row] >> 12 == 4 { directories.append(place.row) }
        if chunk.objects.count >= limit {
          do throws(Failure) { try body(chunk) } catch { failure = error }
          chunk.removeAll()
        }
      }
      if let failure { throw failure }
    }
    if !chunk.isEmpty { try body(chunk) }
    chunk.removeAll()
    for row in firstExtra.keys {
      if parents[row] == 0 {
        appendCreated(Node(row: row), to: &chunk)
      } else {
        append(Node(row: row), facts: [], to: &chunk)
      }
      forEachLink(of: Node(row: row)) { if $0.isExtra { appendLink($0, to: &chunk) } }
      if chunk.objects.count >= limit {
        try body(chunk)
        chunk.removeAll()
      }
    }
    if !chunk.isEmpty { try body(chunk) }
  }

  private func appendCreated(_ node: Node, to chunk: inout ChangeSet) {
    var facts: ObjectChange.Facts = .created
    if isSuspect(node) {
      facts.insert(.unsettled)
    } else if kind(node) == .regular {
      facts.insert(.content)
    }
    append(node, facts: facts, to: &chunk)
  }

  private func append(_ node: Node, facts: ObjectChange.Facts, to chunk: inout ChangeSet) {
    var change = ObjectChange(
      id: id(node), facts: facts, attributes: attributes(node), changed: changedTime(node),
      drainedSeconds: drainedSeconds(node), firstLink: UInt32(chunk.links.count))
    fill(&change, node, &chunk)
    chunk.objects.append(change)
  }

  private func appendLink(_ place: LinkPlace, to chunk: inout ChangeSet) {
    append(place, to: &chunk)
    chunk.objects[chunk.objects.count - 1].linkCount += 1
  }
}
