// Measures a journal's writer on what a home directory goes through; Tests/Benchmarks/journal.sh sets it beside
// `cjournal`.
//
//     journalspeed make FILE RECORDS EACH              what cjournal is to write: commits of EACH records
//     journalspeed write DIRECTORY FILE                writes the same to a journal. Prints what cjournal does,
//                                                      and commits in place of bytes before compression
//     journalspeed size DIRECTORY RECORDS EACH [KIND]  writes it, or its records of one kind alone; prints
//                                                      records and bytes
//     journalspeed commits DIRECTORY TIMES EACH        prints the microseconds of each commit, from its
//                                                      append until it is durable
//     journalspeed compact DIRECTORY                   prints the records that are left, and bytes
import Glibc
import Journal
import LinuxSystem
import Tree

let seed: UInt64 = 20_251_121
let source = SourceIdentity(
  path: Array("/home/ann".utf8), rootKey: [UInt8](repeating: 1, count: 8).withUnsafeBytes { ObjectKey(type: 1, bytes: $0) },
  filesystem: [1])
let commitTime = Timestamp(seconds: 1_700_000_000, nanoseconds: 0)

func workload(_ records: Int, _ each: Int) -> [ChangeSet] {
  var home = HomeWorkload(seed: seed)
  var left = records
  var commits: [ChangeSet] = []
  while left > 0 {
    commits.append(home.next(records: min(each, left)))
    left -= commits.last!.objects.count
  }
  return commits
}

/// The records of one kind, as a change set of their own.
func only(_ kind: HomeWorkload.Kind, of changes: ChangeSet) -> ChangeSet {
  var kept = changes
  kept.objects = changes.objects.filter { HomeWorkload.Kind($0.facts, hasLinks: $0.linkCount > 0) == kind }
  kept.links = []
  for index in kept.objects.indices {
    let links = changes.links(of: kept.objects[index])
    kept.objects[index].firstLink = UInt32(kept.links.count)
    kept.links.append(contentsOf: links)
  }
  return kept
}

func seconds(_ clock: clockid_t) -> Double {
  var now = timespec()
  clock_gettime(clock, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

func segmentBytes(_ path: [UInt8]) throws -> UInt64 {
  let reader = try JournalReader.open(at: path)
  return try reader.segmentSizes().reduce(0) { $0 + $1.bytes }
}

func writer(_ path: [UInt8]) throws -> JournalWriter {
  try JournalWriter.create(
    at: path, source: source, id: JournalID([UInt8](repeating: 7, count: 16)), incarnation: 9)
}

let arguments = CommandLine.arguments
let path = Array(arguments[2].utf8)
do {
  switch arguments[1] {
  case "make":
    WorkloadFile.write(workload(Int(arguments[3])!, Int(arguments[4])!), to: arguments[2])
  case "write":
    let commits = WorkloadFile.read(arguments[3])
    let writer = try writer(path)
    let (start, used) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
    for changes in commits { try writer.append(changes, rawTime: commitTime, drainedSeconds: 0) }
    try writer.sync()
    let (took, cost) = (seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - used)
    print(commits.reduce(0) { $0 + $1.objects.count }, took, cost, try segmentBytes(path), commits.count)
  case "size":
    let kind = arguments.count > 5 ? HomeWorkload.Kind(rawValue: arguments[5]) : nil
    let writer = try writer(path)
    var records = 0
    for changes in workload(Int(arguments[3])!, Int(arguments[4])!) {
      let kept = kind.map { only($0, of: changes) } ?? changes
      records += kept.objects.count
      try writer.append(kept, rawTime: commitTime, drainedSeconds: 0)
    }
    try writer.seal()
    print(records, try segmentBytes(path))
  case "commits":
    let times = Int(arguments[3])!
    let commits = workload(times * Int(arguments[4])!, Int(arguments[4])!)
    let writer = try writer(path)
    for changes in commits {
      let start = seconds(CLOCK_MONOTONIC)
      try writer.append(changes, rawTime: commitTime, drainedSeconds: 0)
      try writer.sync()
      print((seconds(CLOCK_MONOTONIC) - start) * 1e6)
    }
  case "compact":
    _ = try JournalCompaction.run(at: path, .init(), now: commitTime)
    let reader = try JournalReader.open(at: path)
    var commit = Commit()
    var records = 0
    while try reader.next(&commit) { records += commit.changes.objects.count }
    print(records, try segmentBytes(path))
  default: exit(64)
  }
} catch {
  print("failed: \(error)")
  exit(1)
}
