import CLinux
import SystemPackage

extension ExtendedAttributes {
  /// Whether the filesystem of an open object keeps attributes of this kind; nothing is written.
  ///
  /// - Parameter name: an attribute of the kind, whether the object has it or not.
  public static func isSupported(
    _ name: UnsafePointer<CChar>, at descriptor: Int32
  ) throws(Errno) -> Bool {
    do throws(Errno) {
      // A size of 0 asks for the length only.
      _ = try retrying { cl_getxattr_fd(descriptor, name, nil, 0) }
      return true
    } catch .noData {
      return true
    } catch .notSupported {
      return false
    }
  }
}
