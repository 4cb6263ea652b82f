import Journal
import LinuxSystem
import Tree

/// What the script of the page draws: names as a person is shown them.
struct PageData {
  let statistics: JournalStatistics
  let lines: [JournalLine]
  let areAll: Bool

  func write(to json: inout JSONWriter) {
    json.object { json in
      if let first = statistics.first, let last = statistics.last {
        json.member("first_seq", first.rawValue)
        json.member("last_seq", last.rawValue)
      }
      if let first = statistics.firstTime, let last = statistics.lastTime {
        json.member("first_time", Self.milliseconds(first))
        json.member("last_time", Self.milliseconds(last))
      }
      json.member("commits", statistics.commitCount)
      json.member("objects", statistics.objectCount)
      json.member("created", statistics.createdCount)
      json.member("removed", statistics.removedCount)
      json.member("content", statistics.contentCount)
      json.member("bytes", statistics.bytes)
      json.member("bytes_of_commits", statistics.scanned.fileBytes + statistics.followed.fileBytes)
      json.member("plain_bytes", statistics.scanned.plainBytes + statistics.followed.plainBytes)
      statistics.timeline.write(to: &json)
      writeBusiest(&json)
      writeGaps(&json)
      json.member("lines_are_all", areAll)
      json.array("lines") { json in
        for line in lines { Self.write(line, to: &json) }
      }
    }
  }

  private func writeBusiest(_ json: inout JSONWriter) {
    json.array("directories") { json in
      for directory in statistics.directories {
        json.object {
          $0.member("path", printable(directory.path))
          $0.member("changes", directory.changeCount)
          $0.member("error", directory.error)
        }
      }
    }
    json.array("processes") { json in
      for actor in statistics.actors {
        json.object {
          $0.member("text", actor.text)
          $0.member("changes", actor.changeCount)
          $0.member("error", actor.error)
        }
      }
    }
  }

  private func writeGaps(_ json: inout JSONWriter) {
    json.array("gaps") { json in
      for gap in statistics.gaps.last() {
        json.object { json in
          json.member("kind", gap.kind.rawValue)
          json.member("seq", gap.sequence.rawValue)
          json.member("time", Self.milliseconds(gap.time))
          if let seconds = gap.seconds { json.member("seconds", seconds) }
          if !gap.text.isEmpty { json.member("text", printable(gap.text)) }
        }
      }
    }
  }

  private static func write(_ line: JournalLine, to json: inout JSONWriter) {
    json.object { json in
      json.member("seq", line.sequence.rawValue)
      json.member("time", milliseconds(line.time))
      json.member("op", line.operation.rawValue)
      if !line.text.isEmpty { json.member("note", printable(line.text)) }
      guard let object = line.object else { return }
      json.member("path", printable(object.path) + (object.kind == .directory ? "/" : ""))
      if let from = object.from { json.member("from", printable(from)) }
      if let size = object.sizeBytes { json.member("size", size) }
      if let target = object.target {
        json.member("note", "to \(printable(target))")
      } else if !object.changed.isEmpty {
        json.member("note", object.changed.map(\.rawValue).joined(separator: ", "))
      }
      if !object.actors.isEmpty {
        json.member("who", object.actors.map(\.text).joined(separator: ", "))
      }
    }
  }

  /// To the millisecond, which is what a browser's clock knows.
  private static func milliseconds(_ time: Timestamp) -> String {
    String(time.rfc3339.dropLast(7)) + "Z"
  }
}
