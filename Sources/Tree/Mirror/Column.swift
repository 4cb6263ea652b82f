import CLinux
import Glibc

/// A growing array of plain values in memory of its own.
///
/// Growth remaps pages instead of copying them, and pages that were never written take no memory,
/// so doubling costs nothing but addresses.
struct Column<Element: BitwiseCopyable>: ~Copyable {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacityBytes: Int

  /// - Parameter stride: how many elements are used together; only the caller cares.
  init() {
    capacityBytes = 1 << 16
    base = Self.map(capacityBytes)
  }

  deinit { munmap(base, capacityBytes) }

  private static func map(_ bytes: Int) -> UnsafeMutablePointer<Element> {
    let memory = mmap(
      nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    precondition(memory != MAP_FAILED, "out of address space")
    return memory!.bindMemory(to: Element.self, capacity: bytes / MemoryLayout<Element>.stride)
  }

  /// Makes room for `count` elements in all; the new ones are zero.
  @inline(__always)
  mutating func extend(to newCount: Int) {
    if newCount * MemoryLayout<Element>.stride > capacityBytes { grow(to: newCount) }
    count = newCount
  }

  private mutating func grow(to newCount: Int) {
    var bytes = capacityBytes
    while newCount * MemoryLayout<Element>.stride > bytes { bytes *= 2 }
    let memory = cl_remap(base, capacityBytes, bytes)
    precondition(memory != nil, "out of memory for the mirror")
    base = memory!.bindMemory(to: Element.self, capacity: bytes / MemoryLayout<Element>.stride)
    capacityBytes = bytes
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    extend(to: count + 1)
    base[count - 1] = element
  }

  @inline(__always)
  subscript(index: Int) -> Element {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }

  @inline(__always)
  subscript(index: UInt32) -> Element {
    get { base[Int(index)] }
    nonmutating set { base[Int(index)] = newValue }
  }
}
