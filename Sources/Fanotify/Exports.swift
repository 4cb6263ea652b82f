import LinuxSystem
import SystemPackage

// Types of the layers below that stand in this module's interface: whoever uses the module can name
// them without importing those.

/// An object's identity within its filesystem: the type and the bytes of its handle.
public typealias ObjectKey = LinuxSystem.ObjectKey
/// The owner of an open file descriptor, which closes it when it goes.
public typealias Descriptor = LinuxSystem.Descriptor
/// An error number of Linux. See errno(3).
public typealias Errno = SystemPackage.Errno
