import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// The example programs, run against a real mount.
struct ExampleTests {
  @Test(arguments: [Filesystem.Kind.tmpfs, .ext4])
  func permissionIsAskedForAndWritingIsTold(kind: Filesystem.Kind) throws {
    if let reason = Filesystem.reasonToSkip(kind) { return announceSkip(#function, because: reason) }
    let filesystem = try Filesystem(kind, bytes: 64 << 20)
    let program = try Child(
      [Products.tool("fanotify-permission"), filesystem.root], conversing: true)
    #expect(program.readLine() == "Listening to \(filesystem.root). Press Enter to stop.")
    let path = filesystem["f"]
    let asking = Asking {
      let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      guard file >= 0 else { return -errno }
      defer { close(file) }
      return write(file, "x", 1) == 1 ? 0 : -errno
    }
    #expect(program.readLine() == "opened: \(path) by process \(getpid())")
    #expect(asking.outcome() == 0)
    #expect(program.readLine() == "written: \(path) by process \(getpid())")
    program.writeLine()
    #expect(program.readLine() == "Listening stopped.")
    #expect(program.wait(timeout: .seconds(30)) == 0)
    // The program is gone, and nobody is asked any more.
    #expect(Asking(toOpen: path).outcome() == 0)
  }

  @Test(arguments: [Filesystem.Kind.tmpfs, .ext4])
  func createdEntriesAreToldByHandleAndName(kind: Filesystem.Kind) throws {
    if let reason = Filesystem.reasonToSkip(kind) { return announceSkip(#function, because: reason) }
    let filesystem = try Filesystem(kind, bytes: 64 << 20)
    let root = filesystem.root
    let program = try Child([Products.tool("fanotify-created"), root], conversing: true)
    #expect(program.readLine() == "Listening to \(root). Press Enter to stop.")
    #expect(mkdir(filesystem["d"], 0o755) == 0)
    let number = inode(at: filesystem["d"]) ?? 0
    #expect(program.readLine() == "created: directory d in \(root), inode \(number)")
    let file = open(filesystem["f"], O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    #expect(file >= 0 && close(file) == 0)
    let line = program.readLine() ?? ""
    #expect(line.hasPrefix("created: file f in \(root), inode "))
    program.writeLine()
    #expect(program.readLine() == "Listening stopped.")
    #expect(program.wait(timeout: .seconds(30)) == 0)
  }

  @Test func aMountThatCannotBeWatchedIsSaidWhy() throws {
    let output = try run([Products.tool("fanotify-created"), "/dev/null"])
    #expect(output.exitCode == 1 && output.standardOutput.contains("Not a directory"))
    #expect(try run([Products.tool("fanotify-permission")]).exitCode == 2)
  }

  @Test func withoutPrivilegeEntriesAreToldAndPermissionIsRefused() throws {
    if let reason = Filesystem.reasonToSkip(.tmpfs) { return announceSkip(#function, because: reason) }
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    guard findTool("setpriv") != nil,
      let usage = try? run(nobody + [Products.tool("fanotify-created")]), usage.exitCode == 2
    else { return announceSkip(#function, because: "there is no setpriv, or nobody may run what was built") }
    let filesystem = try Filesystem(.tmpfs, bytes: 64 << 20)
    let root = filesystem.root
    // What the fixture makes is its owner's alone.
    #expect(chmod(String(root.prefix(upTo: root.lastIndex(of: "/")!)), 0o711) == 0)
    let program = try Child(nobody + [Products.tool("fanotify-created"), root], conversing: true)
    #expect(program.readLine() == "Listening to \(root). Press Enter to stop.")
    #expect(mkdir(filesystem["d"], 0o755) == 0)
    #expect(
      program.readLine()
        == "created: directory d in a directory that cannot be opened: Operation not permitted")
    program.writeLine()
    #expect(program.wait(timeout: .seconds(30)) == 0)
    let refused = try run(nobody + [Products.tool("fanotify-permission"), root])
    #expect(
      refused.exitCode == 1
        && refused.standardOutput.hasPrefix("fanotify_init(")
        && refused.standardOutput.contains("Operation not permitted: without CAP_SYS_ADMIN"))
  }
}
