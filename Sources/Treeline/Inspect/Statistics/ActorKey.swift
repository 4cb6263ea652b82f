import LinuxSystem

/// What processes are counted by: the program, who ran it, and in which unit.
struct ActorKey: Hashable {
  var name: [UInt8]
  var uid: UInt32?
  var unit: [UInt8]

  init(_ process: ProcessRecord) {
    let isKnown = process.isNamed && process.standing != .lost && process.standing != .others
    name = isKnown ? process.name : []
    uid = process.uid
    unit = Array(process.unit)
  }
}
