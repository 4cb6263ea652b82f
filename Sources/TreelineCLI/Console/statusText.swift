import Treeline

/// The status as a person reads it.
func statusText(_ status: Status) -> String {
  var lines = [
    "\(status.state.rawValue): commit \(status.captured.rawValue) captured, "
      + "\(status.applied.rawValue) applied"
  ]
  func add(_ name: String, _ value: String) {
    lines.append("  " + name + String(repeating: " ", count: max(1, 13 - name.count)) + value)
  }
  if let since = status.since { add("since", since.localText) }
  if !status.source.isEmpty { add("source", printable(status.source)) }
  if !status.destination.isEmpty { add("destination", printable(status.destination)) }
  if !status.journal.isEmpty { add("journal", printable(status.journal)) }
  add("watched by", "\(status.mark) mark")
  for text in status.unseen { add("not told of", text) }
  add("pending", "\(status.pendingObjects) objects, \(sizeText(status.pendingBytes))")
  add("lag", Duration.milliseconds(Int64(status.lagSeconds * 1000)).text)
  add("tree", "\(status.mirrorNodes) objects, \(sizeText(status.mirrorBytes)) of memory")
  if status.overflows > 0 || status.rescans > 0 {
    add("overflows", "\(status.overflows), rescans \(status.rescans)")
  }
  if status.sweepPercent > 0 {
    add("last sweep", status.sweepEnded.map { "ended \($0.localText)" } ?? "not over yet")
  }
  if let restorable = status.restorable { add("can restore", restorable.text) }
  if let ready = status.readySeconds {
    add("ready after", Duration.milliseconds(Int64(ready * 1000)).text)
  }
  for mount in status.mounts { add("mount", mount.text) }
  for problem in status.errors { add("error", problem.text) }
  return lines.joined(separator: "\n")
}
