import Glibc
import LinuxSystem
import Simulation

// treeline-simulate [--seed N] [--steps N] [--seeds N] [--break WHAT] [--trace]
// Exits with 1, and prints the shortest operations that still fail, when something is found.

var arguments = CommandLine.arguments.dropFirst()
var seed = UInt64(Timestamp.now().nanosecondsSince1970 & 0xffff_ffff)
var seedCount = 1
var steps = 10_000
var sabotage = Sabotage.none
var traces = false

func usage() -> Never {
  print("usage: treeline-simulate [--seed N] [--steps N] [--seeds N] [--trace] [--break drop-events|ignore-renames]")
  exit(64)
}

while let option = arguments.popFirst() {
  if option == "--trace" {
    traces = true
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

exit(simulate(seed: seed, seeds: seedCount, steps: steps, sabotage: sabotage, traces: traces) ? 0 : 1)
