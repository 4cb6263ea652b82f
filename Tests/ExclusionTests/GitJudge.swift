import Foundation
import TestSupport

/// What git itself makes of patterns and paths: many lists and many paths in one process.
struct GitJudge {
  /// One list of patterns, and paths beneath the directory that it is for.
  struct Case {
    var lines: [[UInt8]]
    /// Names from the directory, and whether the last one is a directory's.
    var paths: [(names: [[UInt8]], isDirectory: Bool)]
  }

  static var isThere: Bool { (try? run(["git", "--version"]))?.exitCode == 0 }

  /// The number of the line that decides on each path, from 1; 0 where none does.
  static func decisions(on cases: [Case]) throws -> [[Int]] {
    // In memory where that can be: thousands of directories are made and removed.
    let memory = "/dev/shm"
    let directory = try TemporaryDirectory(
      in: access(memory, W_OK) == 0 ? memory : TemporaryDirectory.base)
    try succeed(["git", "init", "-q", directory["repository"]])
    var questions: [UInt8] = []
    for (number, one) in cases.enumerated() {
      let place = Array("\(directory["repository"])/\(number)".utf8)
      makeDirectory(place)
      let lines = one.lines.flatMap { $0 + [UInt8(ascii: "\n")] }
      try Data(lines).write(to: URL(fileURLWithPath: directory["repository/\(number)/.gitignore"]))
      for (names, isDirectory) in one.paths {
        // Git asks the disk what is a directory.
        var path = place
        for (index, name) in names.enumerated() where isDirectory || index < names.count - 1 {
          path += [UInt8(ascii: "/")] + name
          makeDirectory(path)
        }
        questions += Array("\(number)".utf8)
        for name in names { questions += [UInt8(ascii: "/")] + name }
        questions.append(0)
      }
    }
    try Data(questions).write(to: URL(fileURLWithPath: directory["questions"]))
    let output = try run(
      [
        "sh", "-c",
        "cd '\(directory["repository"])' && git -c core.excludesFile=/dev/null check-ignore"
          + " --no-index --stdin -z -v -n <../questions >../answers",
      ])
    guard output.exitCode <= 1 else { throw TestSupportError(output.description) }
    let fields = try Data(contentsOf: URL(fileURLWithPath: directory["answers"]))
      .split(separator: 0, omittingEmptySubsequences: false)
    var at = 0
    return cases.map { one in
      one.paths.map { _ in
        defer { at += 4 }
        return Int(String(decoding: fields[at + 1], as: UTF8.self)) ?? 0
      }
    }
  }

  private static func makeDirectory(_ path: [UInt8]) {
    _ = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
      mkdir($0.baseAddress!, 0o755)
    }
  }
}
