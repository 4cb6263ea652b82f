import CLinux
import Glibc
import SystemPackage

/// What a filesystem's ctimes tell of two changes that follow each other closely.
public enum ChangeTimes {
  /// The f_type of ext4, xfs, btrfs and tmpfs.
  private static let fineMagics = [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994]

  /// Whether a change after a look always shows in another ctime: since Linux 6.13, where the filesystem
  /// keeps nanoseconds and has been taught to. Elsewhere all changes within a tick have one ctime.
  public static func areDistinct(on object: Int32) -> Bool {
    var status = statfs()
    do throws(Errno) { try retrying { cl_statfs(object, &status) } } catch { return false }
    return fineMagics.contains(Int(status.f_type)) && isKernelFine
  }

  private static let isKernelFine: Bool = {
    var name = utsname()
    guard uname(&name) == 0 else { return false }
    let numbers = withUnsafeBytes(of: &name.release) { bytes in
      bytes.prefix { $0 != 0 }.split { $0 < UInt8(ascii: "0") || $0 > UInt8(ascii: "9") }
        .prefix(2).map { $0.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
    }
    return numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 13)
  }()
}
