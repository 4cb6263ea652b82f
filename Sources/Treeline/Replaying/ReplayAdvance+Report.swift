import Replay

extension Report.Progress {
  /// How far a replay is.
  init(stage: String, _ advance: ReplayAdvance) {
    self.init(
      stage: stage, objects: advance.done.objects, objectsTotal: advance.total.objects,
      bytes: advance.done.bytes, bytesTotal: advance.total.bytes, path: advance.path)
  }
}
