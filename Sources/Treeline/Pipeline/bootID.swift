import LinuxSystem

/// What names this run of the kernel: after a power cut it is another. See random(4), boot_id.
let bootID: [UInt8] = {
  guard let file = try? Descriptor.open(path: "/proc/sys/kernel/random/boot_id", 0) else {
    return []
  }
  let text = (try? FileBytes.readAll(file.raw, limit: 256)) ?? []
  return Array(text.prefix { $0 != 0x0a })
}()
