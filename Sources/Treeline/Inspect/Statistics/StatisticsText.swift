import Journal
import LinuxSystem
import Tree

/// The statistics of a journal as a person reads them: with small charts as wide as the terminal, or
/// for a pipe, without charts and with tabs between the columns.
public struct StatisticsText {
  private let statistics: JournalStatistics
  private let journal: [UInt8]
  /// nil for a pipe.
  private let width: Int?
  private var lines: [String] = []

  /// So many of a kind are shown to a person; JSON has more.
  private static let shownCount = 10
  private static let nameColumns = 13
  private static let binsInPipe = 60
  private static let barColumns = 16

  /// - Parameter width: the terminal's columns; nil for a pipe.
  public init(_ statistics: JournalStatistics, journal: [UInt8], width: Int?) {
    self.statistics = statistics
    self.journal = journal
    self.width = width.map { max(40, $0) }
    addFacts()
    addVolumes()
    addTimeline()
    addDirectories()
    addActors()
    addGaps()
  }

  public var text: String { lines.map { $0 + "\n" }.joined() }

  private mutating func add(_ name: String, _ columns: String...) {
    guard width != nil else {
      lines.append(([name] + columns).joined(separator: "\t"))
      return
    }
    let padding = String(repeating: " ", count: max(1, Self.nameColumns - name.count))
    lines.append(name + padding + columns.joined(separator: "  "))
  }

  private mutating func addFacts() {
    let all = statistics
    add("journal", printable(journal))
    add("id", all.id.text)
    add("source", printable(all.source))
    if let first = all.first, let last = all.last {
      add("commits", "\(number(all.commitCount)), from \(first.rawValue) to \(last.rawValue)")
    } else {
      add("commits", "none")
    }
    if let first = all.firstTime, let last = all.lastTime {
      add("time", "\(first.localText) to \(last.localText)")
    }
    add("exact", "\(number(all.exactCount)) commits are of one instant")
    add("partial", "\(number(all.partialCount)) commits are parts of a first scan")
    add(
      "objects",
      "\(number(all.objectCount)) changes: \(number(all.createdCount)) created, "
        + "\(number(all.removedCount)) removed, \(number(all.contentCount)) with content")
    add("names", "\(number(all.linkCount)) gained or lost")
    for (operation, count) in all.markCounts { add("mark", "\(operation) \(number(count))") }
  }

  private mutating func addVolumes() {
    let all = statistics
    add("segments", "\(all.segments.count), \(sizeText(all.bytes))")
    for (name, volume) in [("first scan", all.scanned), ("following", all.followed)]
    where volume.commitCount > 0 {
      var text = "\(sizeText(volume.plainBytes)) in \(sizeText(volume.fileBytes))"
      if volume.objectCount > 0 {
        text += ", \(tenths(volume.fileBytes, volume.objectCount)) bytes a change"
      }
      if volume.fileBytes > 0 {
        text += ", compressed \(tenths(volume.plainBytes, volume.fileBytes)) times"
      }
      add(name, text)
    }
    let sizes = all.checkpoints.reduce(0) { $0 + $1.bytes }
    add(
      "checkpoints",
      all.checkpoints.isEmpty
        ? "none"
        : "\(sizeText(sizes)), of commit "
          + all.checkpoints.map { String($0.number.rawValue) }.joined(separator: ", "))
  }

  /// With spaces between thousands for a person only.
  private func number(_ count: UInt64) -> String { width == nil ? String(count) : countText(count) }

  private func tenths(_ amount: UInt64, _ parts: UInt64) -> String {
    let value = amount.multipliedReportingOverflow(by: 10).partialValue / parts
    return "\(value / 10).\(value % 10)"
  }

  private mutating func addTimeline() {
    let timeline = statistics.timeline
    guard let width else {
      let shown = timeline.inBins(atMost: Self.binsInPipe)
      for (place, bin) in shown.bins.enumerated() where bin.changeCount > 0 {
        add("rate", shown.start(ofBin: place).rfc3339, "\(bin.changeCount)", "\(bin.commitCount)")
      }
      return
    }
    guard !timeline.bins.isEmpty else { return }
    let shown = timeline.inBins(atMost: width - Self.nameColumns)
    let changes = shown.bins.map(\.changeCount)
    // Of few bins each is several columns wide.
    let columns = (width - Self.nameColumns) / shown.bins.count
    lines.append("")
    add("rate", Chart.columns(changes.flatMap { Array(repeating: $0, count: columns) }))
    let from = String(shown.start(ofBin: 0).localText.dropLast(7))
    let to = String((statistics.lastTime ?? .zero).localText.dropLast(7))
    // Both ends of the chart, where there is room for them.
    let room = columns * shown.bins.count - from.count - to.count
    add("", room > 0 ? from + String(repeating: " ", count: room) + to : from)
    if let most = changes.max(), let place = changes.firstIndex(of: most) {
      add(
        "",
        "\(spanText(seconds: shown.binSeconds)) at a time; at most \(number(most)) changes, at "
          + shown.start(ofBin: place).localText.dropLast(4))
    }
  }

  private mutating func addDirectories() {
    let shown = statistics.directories.prefix(Self.shownCount)
    guard !shown.isEmpty else { return }
    title("busiest directories")
    for directory in shown {
      addBusy(
        "directory", directory.changeCount, of: shown[0].changeCount, error: directory.error,
        printable(directory.path) + "/")
    }
    if statistics.isDirectoryLossy {
      add("note", "there were too many directories: some changes stand at one further up")
    }
  }

  private mutating func addActors() {
    let shown = statistics.actors.prefix(Self.shownCount)
    guard !shown.isEmpty else { return }
    title("busiest processes")
    for actor in shown {
      addBusy("process", actor.changeCount, of: shown[0].changeCount, error: actor.error, actor.text)
    }
  }

  private mutating func addGaps() {
    let shown = statistics.gaps.last(Self.shownCount)
    guard !shown.isEmpty else { return }
    title("gaps, the last \(shown.count) of \(statistics.gaps.counts.values.reduce(0, +))")
    for gap in shown {
      var text = gap.seconds.map { "nothing recorded for \(spanText(seconds: $0))" } ?? ""
      if !gap.text.isEmpty { text = printable(gap.text) }
      add(gap.kind.rawValue, String(gap.time.localText.dropLast(4)), "\(gap.sequence.rawValue)", text)
    }
  }

  private mutating func title(_ text: String) {
    if width != nil { lines += ["", text] }
  }

  private mutating func addBusy(
    _ name: String, _ count: UInt64, of most: UInt64, error: UInt64, _ what: String
  ) {
    guard width != nil else { return add(name, "\(count)", "\(error)", what) }
    let shown = number(count)
    let padding = String(repeating: " ", count: max(0, Self.nameColumns - 2 - shown.count))
    let doubt = error > 0 ? "  (of these at most \(number(error)) of others)" : ""
    lines.append(
      padding + shown + "  " + Chart.bar(count, of: most, width: Self.barColumns) + "  " + what + doubt)
  }
}
