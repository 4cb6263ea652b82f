import Journal
import LinuxSystem
import Tree

extension JournalStatistics {
  /// The members of `journal stat --json`.
  public func write(to json: inout JSONWriter, journal path: [UInt8]) {
    json.object { json in
      json.path("journal", path)
      json.member("id", id.text)
      json.path("source", source)
      if let first { json.member("first_seq", first.rawValue) }
      if let last { json.member("last_seq", last.rawValue) }
      if let firstTime { json.member("first_time", firstTime.rfc3339) }
      if let lastTime { json.member("last_time", lastTime.rfc3339) }
      json.member("commits", commitCount)
      json.member("exact", exactCount)
      json.member("partial", partialCount)
      json.member("objects", objectCount)
      json.member("created", createdCount)
      json.member("removed", removedCount)
      json.member("content", contentCount)
      json.member("links", linkCount)
      json.member("bytes", bytes)
      writeFiles(&json)
      json.array("marks") { json in
        for (operation, count) in markCounts {
          json.object {
            $0.member("op", operation)
            $0.member("count", count)
          }
        }
      }
      json.object("scanned") { scanned.write(to: &$0) }
      json.object("followed") { followed.write(to: &$0) }
      timeline.write(to: &json)
      writeBusiest(&json)
      writeGaps(&json)
    }
  }

  /// The marks by their names, sorted.
  var markCounts: [(String, UInt64)] {
    marks.map { (Operation($0.key).rawValue, $0.value) }.sorted { $0.0 < $1.0 }
  }

  private func writeFiles(_ json: inout JSONWriter) {
    json.array("segments") { json in
      for segment in segments {
        json.object {
          $0.member("first_seq", segment.number.rawValue)
          $0.member("bytes", segment.bytes)
        }
      }
    }
    json.array("checkpoints") { json in
      for checkpoint in checkpoints {
        json.object {
          $0.member("seq", checkpoint.number.rawValue)
          $0.member("bytes", checkpoint.bytes)
        }
      }
    }
  }

  private func writeBusiest(_ json: inout JSONWriter) {
    json.member("directories_approximate", isDirectoryLossy || directories.contains { $0.error > 0 })
    json.array("directories") { json in
      for directory in directories {
        json.object { json in
          json.path("path", directory.path)
          json.member("changes", directory.changeCount)
          json.member("error", directory.error)
          json.member("written_bytes", directory.writtenBytes)
        }
      }
    }
    json.member("attributed", attributedCount)
    json.array("processes") { json in
      for actor in actors {
        json.object { json in
          if !actor.name.isEmpty { json.path("name", actor.name) }
          if let uid = actor.uid { json.member("uid", UInt64(uid)) }
          if !actor.unit.isEmpty { json.path("unit", actor.unit) }
          json.member("changes", actor.changeCount)
          json.member("error", actor.error)
        }
      }
    }
  }

  private func writeGaps(_ json: inout JSONWriter) {
    json.object("gap_counts") { json in
      for (kind, name) in Self.gapMembers {
        if let count = gaps.counts[kind] { json.member(name, count) }
      }
    }
    json.array("gaps") { json in
      for gap in gaps.last() {
        json.object { json in
          json.member("kind", gap.kind.rawValue)
          json.member("seq", gap.sequence.rawValue)
          json.member("time", gap.time.rfc3339)
          if let seconds = gap.seconds { json.member("seconds", seconds) }
          if !gap.text.isEmpty { json.path("text", gap.text) }
        }
      }
    }
  }

  private static let gapMembers: [(JournalGap.Kind, StaticString)] = [
    (.stopped, "stopped"), (.killed, "killed"), (.overflow, "overflow"), (.rescan, "rescan"),
    (.halt, "halt"), (.filesystemError, "fs-error"), (.clockStep, "clock-step"), (.mount, "mount"),
  ]
}

extension JournalStatistics.Volume {
  func write(to json: inout JSONWriter) {
    json.member("commits", commitCount)
    json.member("objects", objectCount)
    json.member("plain_bytes", plainBytes)
    json.member("bytes", fileBytes)
  }
}

extension ActivityTimeline {
  /// The members `bin_seconds` and `timeline`; bins in which nothing happened are left out.
  func write(to json: inout JSONWriter) {
    json.member("bin_seconds", binSeconds)
    json.array("timeline") { json in
      for (place, bin) in bins.enumerated() where bin.commitCount > 0 {
        json.object { json in
          json.member("time", start(ofBin: place).rfc3339)
          json.member("commits", bin.commitCount)
          json.member("changes", bin.changeCount)
          json.member("created", bin.createdCount)
          json.member("removed", bin.removedCount)
          json.member("renamed", bin.renamedCount)
          json.member("written", bin.writtenCount)
          json.member("written_bytes", bin.writtenBytes)
        }
      }
    }
  }

  public func start(ofBin place: Int) -> Timestamp {
    let offset = Int64(place).multipliedReportingOverflow(by: binSeconds).partialValue
    return Timestamp(
      seconds: startSeconds.addingReportingOverflow(offset).partialValue, nanoseconds: 0)
  }
}
