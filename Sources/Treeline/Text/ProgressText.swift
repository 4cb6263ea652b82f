/// One line on how far a stage has come: `copying: 1 200 of 100 000 objects, 1.2 GiB of 4.0 GiB, 120 MiB/s, 24 s
/// left: letters/ada.txt`.
public func progressText(_ progress: Report.Progress, _ pace: ProgressPace.Estimate) -> String {
  var text = "\(progress.stage): \(countText(progress.objects))"
  if let total = progress.objectsTotal { text += " of \(countText(total))" }
  text += progress.objects == 1 && progress.objectsTotal == nil ? " object" : " objects"
  if let total = progress.bytesTotal, total > 0 {
    text += ", \(sizeText(progress.bytes)) of \(sizeText(total))"
  } else if progress.bytes > 0 {
    text += ", \(sizeText(progress.bytes))"
  }
  if let rate = pace.bytesPerSecond, rate > 0 {
    text += ", \(sizeText(rate))/s"
  } else if let rate = pace.objectsPerSecond, rate > 0 {
    text += ", \(countText(rate))/s"
  }
  if let left = pace.secondsLeft { text += ", \(spanText(seconds: left)) left" }
  if let path = progress.path, !path.isEmpty { text += ": \(printable(path))" }
  return text
}
