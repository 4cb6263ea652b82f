import ArgumentParser
import Exclusion
import Glibc
import LinuxSystem
import SystemPackage
import Treeline

/// What is left out of a source.
struct ExclusionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Leave out what matches this pattern, with the syntax and the meaning of gitignore(5): `*.o` at any depth, `/build/` in the root alone, `!keep.o` takes back. Of the patterns that match the last one counts; what lies in a directory that is left out cannot be taken back. May be given several times.",
      valueName: "pattern"))
  var exclude: [PathArgument] = []

  @Option(
    help: ArgumentHelp(
      "Leave out what the patterns in this file say, one a line. They come before those of --exclude. May be given several times.",
      valueName: "file"))
  var excludeFrom: [PathArgument] = []

  @Flag(
    help:
      "Leave out what lies in directories that a CACHEDIR.TAG marks as caches; the directory and the tag are kept."
  )
  var excludeCaches = false

  var areGiven: Bool { !exclude.isEmpty || !excludeFrom.isEmpty || excludeCaches }

  /// Longer ones are no lists of patterns.
  private static let fileBytesMax = 64 * 1024 * 1024

  /// Reads the files, and puts all together.
  func rules() throws(TreelineError) -> ExclusionRules {
    var rules = ExclusionRules()
    for file in excludeFrom {
      do throws(Errno) {
        let opened = try withCString(file.bytes) { path throws(Errno) in
          try Descriptor.open(path, in: AT_FDCWD, OpenFlags(rawValue: O_RDONLY | O_NOCTTY))
        }
        rules.patterns.append(
          contentsOfFile: try FileBytes.readAll(opened.raw, limit: Self.fileBytesMax))
      } catch {
        throw TreelineError("read the patterns in", path: file.bytes, error, exitCode: .usage)
      }
    }
    for pattern in exclude { rules.patterns.append(pattern.bytes) }
    rules.leavesOutCaches = excludeCaches
    return rules
  }
}
