// Damages a journal of 203 commits in 3 segments in every way that one bit and one length can, and reads it
// each time as the product does: the reading must be the undamaged one, or an earlier state of it whose loss is
// reported, or refused.
//
//     journaldamage DIRECTORY SHARE SHARES [EVERY]
//
// DIRECTORY does not exist yet. Of SHARES equal shares of all cases, SHARE (from 0) is tried; with EVERY, only
// every so many-th case. Prints: cases, how many read whole, read whole with a report, read in part, refused,
// cases in which a writer was let loose as well, KiB of memory at the most. Ends with 1 and says which case
// went wrong.
import Glibc
import Journal
import LinuxSystem
import Tree

let place = CommandLine.arguments[1]
let share = Int(CommandLine.arguments[2])!
let shares = Int(CommandLine.arguments[3])!
let every = CommandLine.arguments.count > 4 ? Int(CommandLine.arguments[4])! : 1
/// A writer changes what it opens: each of these is put back as a whole.
let writerEvery = 61

var tally = (cases: 0, whole: 0, reported: 0, partial: 0, refused: 0, writers: 0)

func fail(_ what: String) -> Never {
  print("wrong: \(what)")
  exit(1)
}

func peakKiB() -> Int {
  let file = open("/proc/self/status", O_RDONLY)
  defer { close(file) }
  let text = String(decoding: (try? FileBytes.readAll(file, limit: 1 << 16)) ?? [], as: UTF8.self)
  for line in text.split(separator: "\n") where line.hasPrefix("VmHWM") {
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }
  return 0
}

/// Reads the journal as it is now.
@MainActor func check(_ specimen: Specimen, _ whole: Reading, _ what: @autoclosure () -> String) {
  let reading = Reading(specimen)
  if let fault = reading.fault(beside: whole) { fail("\(what()): \(fault)") }
  tally.cases += 1
  if reading.commits.count < whole.commits.count {
    if reading.commits.isEmpty { tally.refused += 1 } else { tally.partial += 1 }
  } else if reading.isReported {
    tally.reported += 1
  } else {
    tally.whole += 1
  }
  guard tally.cases % writerEvery == 0 else { return }
  tally.writers += 1
  var isOpened = false
  if let writer = try? JournalWriter.open(at: specimen.path) {
    isOpened = true
    // What is dropped is above HEAD, and said; here everything was durable.
    if writer.recovery.droppedBytes > 0 { fail("\(what()): a writer drops what was durable") }
  }
  let after = Reading(specimen)
  if let fault = after.fault(beside: whole) { fail("\(what()), opened for writing: \(fault)") }
  if isOpened, after.commits.count < reading.commits.count { fail("\(what()): a writer lost commits") }
  specimen.restore()
}

do {
  let specimen = try Specimen(at: place)
  let whole = Reading(specimen)
  guard !whole.isReported, whole.commits.count >= 200 else { fail("the specimen cannot be read") }
  var number = 0
  /// Whether a case is of this share.
  @MainActor func isMine() -> Bool {
    defer { number += 1 }
    return number / every % shares == share && number % every == 0
  }
  for (name, bytes) in specimen.files {
    let file = "\(place)/\(name)"
    for at in bytes.indices {
      for bit in 0..<8 where isMine() {
        let descriptor = open(file, O_WRONLY)
        var flipped = bytes[at] ^ (1 << bit)
        precondition(pwrite(descriptor, &flipped, 1, at) == 1)
        check(specimen, whole, "\(name), byte \(at), bit \(bit) flipped")
        flipped = bytes[at]
        precondition(pwrite(descriptor, &flipped, 1, at) == 1 && close(descriptor) == 0)
      }
    }
    for length in bytes.indices where isMine() {
      precondition(truncate(file, length) == 0)
      check(specimen, whole, "\(name), cut to \(length) of \(bytes.count) bytes")
      let descriptor = open(file, O_WRONLY)
      precondition(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count && close(descriptor) == 0)
    }
  }
  guard Reading(specimen).fault(beside: whole) == nil else { fail("the specimen is not as it was") }
  print(
    tally.cases, tally.whole, tally.reported, tally.partial, tally.refused, tally.writers, peakKiB(),
    specimen.files.reduce(0) { $0 + $1.bytes.count }, whole.commits.count,
    specimen.files.filter { $0.name.hasSuffix(".tlj") }.count)
} catch {
  fail("\(error)")
}
