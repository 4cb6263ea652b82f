/// Says on standard output why a test has nothing to do here.
package func announceSkip(_ what: String, because reason: String) {
  print("skipped: \(what): \(reason)")
}
