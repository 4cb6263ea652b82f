import LinuxSystem
import SystemPackage

/// Whether a directory has an entry of exactly this name; where names are folded, others lead to it as well.
func isListed(_ name: [UInt8], in directory: Int32) throws(Errno) -> Bool {
  let listing = try Descriptor.open(".", in: directory, .list)
  var isThere = false
  try forEachName(in: listing.raw) { found, _ in
    isThere = found.elementsEqual(name)
    return !isThere
  }
  return isThere
}
