import LinuxSystem
import SystemPackage

/// Removes a directory that was being made, with all that was made in it.
///
/// Directories within it are first moved beside it, under staging names too: so no tree is too deep, two
/// descriptors are enough, and what a kill leaves is found by the next run.
func removeStagedTree(_ name: [UInt8], in place: Int32) throws(Errno) {
  var trees = [name]
  var number = 0
  while let tree = trees.popLast() {
    let directory = try withCString(tree) { tree throws(Errno) in
      try Descriptor.open(beneath: place, path: tree, .list)
    }
    var names: [[UInt8]] = []
    try forEachName(in: directory.raw) { name, _ in
      names.append(name)
      return true
    }
    for inner in names {
      let isRemoved = withCString(inner) { name in
        (try? Names.removeFile(name, in: directory.raw)) != nil
          || (try? Names.removeDirectory(name, in: directory.raw)) != nil
      }
      if isRemoved { continue }
      trees.append(try moveBeside(inner, in: directory.raw, to: place, &number))
    }
    try withCString(tree) { tree throws(Errno) in try Names.removeDirectory(tree, in: place) }
  }
}

/// Gives a directory a staging name that nothing has. Objects are numbered from one on, so many small
/// numbers are taken: these have a zero in front.
private func moveBeside(
  _ name: [UInt8], in directory: Int32, to place: Int32, _ number: inout Int
) throws(Errno) -> [UInt8] {
  while true {
    let beside = Array("0\(number).new".utf8)
    number += 1
    do throws(Errno) {
      try withCString(name) { name throws(Errno) in
        try withCString(beside) { beside throws(Errno) in
          try Names.rename(name, in: directory, to: beside, in: place, replacing: false)
        }
      }
      return beside
    } catch .fileExists {}
  }
}
