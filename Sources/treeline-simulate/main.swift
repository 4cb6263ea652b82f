import Glibc
import LinuxSystem
import Simulation

// treeline-simulate [--seed N] [--steps N] [--seeds N] [--break WHAT] [--trace] [--whole] [--given]
// Exits with 1, and prints the shortest operations that still fail, when something is found; with
// --whole it does not look for the shortest, and goes on with the next seed. With --given it performs the
// operations that it reads, as it prints them.

var arguments = CommandLine.arguments.dropFirst()
var seed = UInt64(Timestamp.now().nanosecondsSince1970 & 0xffff_ffff)
var seedCount = 1
var steps = 10_000
var sabotage = Sabotage.none
var traces = false
var isWhole = false
var given: [Operation]?

func usage() -> Never {
  print("usage: treeline-simulate [--seed N] [--steps N] [--seeds N] [--trace] [--whole] [--given] [--break drop-events|ignore-renames]")
  exit(64)
}

while let option = arguments.popFirst() {
  if option == "--trace" {
    traces = true
    continue
  }
  if option == "--whole" {
    isWhole = true
    continue
  }
  if option == "--given" {
    given = []
    while let line = readLine() { if let operation = Operation(line) { given!.append(operation) } }
    continue
  }
  guard let value = arguments.popFirst() else { usage() }
  switch option {
  case "--seed": if let number = UInt64(value) { seed = number } else { usage() }
  case "--seeds": if let number = Int(value) { seedCount = number } else { usage() }
  case "--steps": if let number = Int(value) { steps = number } else { usage() }
  case "--break": if let what = Sabotage(rawValue: value) { sabotage = what } else { usage() }
  default: usage()
  }
}

let isClean = simulate(
  seed: seed, seeds: seedCount, steps: steps, sabotage: sabotage, traces: traces, isWhole: isWhole,
  given: given)
exit(isClean ? 0 : 1)
