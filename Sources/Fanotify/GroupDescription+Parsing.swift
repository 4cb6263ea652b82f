import CLinux
import Glibc
import LinuxSystem
import SystemPackage

extension FanotifyGroup where Self: ~Copyable {
  /// What the kernel says of this group and its marks.
  ///
  /// It costs a look at every mark, and memory for each: it is for inspection, not for a hot path.
  /// - Throws: `ENOENT` where /proc is missing; `EFBIG` beyond 64 MiB, which is some 400,000 marks.
  public borrowing func describe() throws(Errno) -> GroupDescription {
    let file = try Descriptor.open(path: "/proc/self/fdinfo/\(raw)", O_RDONLY)
    return GroupDescription(fdinfo: try FileBytes.readAll(file.raw, limit: 64 << 20))
  }
}

extension GroupDescription {
  /// Reads the text of /proc/PID/fdinfo/FD of a group, which may be another process'.
  ///
  /// Lines and fields that are unknown, or that are no numbers, are passed over.
  public init(fdinfo text: [UInt8]) {
    self.init()
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      guard words.first?.elementsEqual("fanotify".utf8) == true else { continue }
      let fields = Fields(words.dropFirst())
      if let flags = fields.hexadecimal("flags") {
        self.flags = UInt32(truncatingIfNeeded: flags)
        fileFlags = UInt32(truncatingIfNeeded: fields.hexadecimal("event-flags") ?? 0)
      } else if let mark = MarkDescription(fields) {
        marks.append(mark)
      }
    }
  }

  /// Words like `mask:8000100`.
  struct Fields {
    private let words: ArraySlice<ArraySlice<UInt8>>

    init(_ words: ArraySlice<ArraySlice<UInt8>>) { self.words = words }

    /// What stands behind a name and a colon.
    func value(_ name: StaticString) -> ArraySlice<UInt8>? {
      let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
      let word = words.first { $0.starts(with: name) && $0.dropFirst(name.count).first == colon }
      return word?.dropFirst(name.count + 1)
    }

    private var colon: UInt8 { UInt8(ascii: ":") }

    func hexadecimal(_ name: StaticString) -> UInt64? { number(name, radix: 16) }
    func decimal(_ name: StaticString) -> UInt64? { number(name, radix: 10) }

    private func number(_ name: StaticString, radix: Int) -> UInt64? {
      value(name).flatMap { UInt64(String(decoding: $0, as: UTF8.self), radix: radix) }
    }

    /// Bytes that are written as two digits each.
    func bytes(_ name: StaticString) -> [UInt8]? {
      guard let digits = value(name), digits.count % 2 == 0 else { return nil }
      var bytes: [UInt8] = []
      var at = digits.startIndex
      while at < digits.endIndex {
        let pair = String(decoding: digits[at..<at + 2], as: UTF8.self)
        guard let byte = UInt8(pair, radix: 16) else { return nil }
        bytes.append(byte)
        at += 2
      }
      return bytes
    }
  }
}

extension MarkDescription {
  /// Nil where a line is about nothing that is known.
  init?(_ fields: GroupDescription.Fields) {
    guard let target = Target(fields) else { return nil }
    self.target = target
    events = EventMask(rawValue: fields.hexadecimal("mask") ?? 0)
    ignored = EventMask(rawValue: fields.hexadecimal("ignored_mask") ?? 0)
    traits = Traits(rawValue: UInt32(truncatingIfNeeded: fields.hexadecimal("mflags") ?? 0))
  }
}

extension MarkDescription.Target {
  init?(_ fields: GroupDescription.Fields) {
    let device = fields.hexadecimal("sdev").map {
      MarkDescription.Device(kernel: UInt32(truncatingIfNeeded: $0))
    }
    if let inode = fields.hexadecimal("ino"), let device {
      self = .inode(inode, device: device, handle: Self.handle(fields))
    } else if let mount = fields.hexadecimal("mnt_id") {
      self = .mount(UInt32(truncatingIfNeeded: mount))
    } else if let namespace = fields.decimal("mnt_ns") {
      self = .mountNamespace(UInt32(truncatingIfNeeded: namespace))
    } else if let device {
      self = .filesystem(device)
    } else {
      return nil
    }
  }

  private static func handle(_ fields: GroupDescription.Fields) -> ObjectKey? {
    guard let type = fields.hexadecimal("fhandle-type"), let bytes = fields.bytes("f_handle"),
      bytes.count <= CL_HANDLE_BYTES_MAX
    else { return nil }
    return bytes.withUnsafeBytes {
      ObjectKey(type: Int32(truncatingIfNeeded: type), bytes: $0)
    }
  }
}
