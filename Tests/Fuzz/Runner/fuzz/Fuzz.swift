import CFuzzer
import Glibc

/// One fuzzer of several:
///
///     fuzz NAME [libFuzzer's arguments]      see `fuzzers`
///     fuzz seeds DIRECTORY GOLDEN…           writes what golden journals have as first inputs, by fuzzer
@main
enum Fuzz {
  static let fuzzers: [String: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32] = [
    "frames": { frames(input($0, $1)) },
    "records": { records(input($0, $1)) },
    "checkpoints": { checkpoints(input($0, $1)) },
    "cursors": { cursors(input($0, $1)) },
    "plans": { plans(input($0, $1)) },
  ]

  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.count > 3, arguments[1] == "seeds" {
      return try Seeds.write(to: arguments[2], from: Array(arguments[3...]))
    }
    guard arguments.count > 1, let callback = fuzzers[arguments[1]] else {
      print("one of: \(fuzzers.keys.sorted().joined(separator: " "))")
      exit(64)
    }
    var count = CInt(arguments.count - 1)
    // libFuzzer keeps what it is given.
    let kept = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count)
    kept[0] = strdup(arguments[0])
    for (index, argument) in arguments.dropFirst(2).enumerated() { kept[index + 1] = strdup(argument) }
    kept[arguments.count - 1] = nil
    var vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = kept
    exit(LLVMFuzzerRunDriver(&count, &vector, callback))
  }

  private static func input(_ data: UnsafePointer<UInt8>?, _ size: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: data, count: size)
  }
}
