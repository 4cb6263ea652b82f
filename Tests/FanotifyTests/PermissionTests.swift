import CLinux
import Fanotify
import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// Groups that are asked before something is done.
struct PermissionTests {
  @Test func anAnswerLetsInOrKeepsOut() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding = try Guarding(.tmpfs, .content, for: .openPermission)
    let allowed = Asking(toOpen: guarding.file)
    let first = try guarding.next()
    #expect(first.mask == .openPermission && first.awaitsAnswer)
    #expect(inode(first.file) != nil)
    try first.answer(.allow)
    #expect(allowed.outcome() == 0)
    let denied = Asking(toOpen: guarding.file)
    try guarding.next().answer(.deny)
    #expect(denied.outcome() == -EPERM)
  }

  @Test func anEventThatIsDroppedAllows() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding = try Guarding(.tmpfs, .content, for: .openPermission)
    let dropped = Asking(toOpen: guarding.file)
    _ = try guarding.next()
    #expect(dropped.outcome() == 0)
    // Read, and not even taken.
    let left = Asking(toOpen: guarding.file)
    #expect(try guarding.group.wait(milliseconds: 30_000))
    #expect(try guarding.group.read(into: &guarding.buffer) > 0)
    guarding.buffer.letGo()
    #expect(left.outcome() == 0)
  }

  @Test func aGroupThatIsClosedLetsEverythingThrough() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    let asking: Asking
    do {
      let guarding = try Guarding(.tmpfs, .content, for: .openPermission)
      asking = Asking(toOpen: guarding.file)
      #expect(try guarding.group.wait(milliseconds: 30_000))
    }
    #expect(asking.outcome() == 0)
  }

  @Test func anEventMayBeAnsweredOnAnotherThread() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding = try Guarding(.tmpfs, .content, for: .openPermission)
    let asking = Asking(toOpen: guarding.file)
    #expect(Self.answerElsewhere(try guarding.next(), .deny) == 0)
    #expect(asking.outcome() == -EPERM)
  }

  @Test func aClosedGroupLetsThroughWhatWasReadAsWell() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    let asking: Asking
    let second: Asking
    let event: FileEvent
    do {
      var guarding = try Guarding(.tmpfs, .content, for: .openPermission)
      asking = Asking(toOpen: guarding.file)
      event = try guarding.next()
      second = Asking(toOpen: guarding.file)
      #expect(try guarding.group.wait(milliseconds: 30_000))
    }
    #expect(asking.outcome() == 0 && second.outcome() == 0)
    // The answer comes too late, and harms nobody.
    #expect(Self.answerElsewhere(event, .deny) == -ENOENT)
  }

  private static func answerElsewhere(_ event: consuming FileEvent, _ answer: Answer) -> Int32 {
    let mailbox = Mailbox(event)
    return Asking {
      guard let event = mailbox.take() else { return -ESRCH }
      do throws(FanotifyError) { try event.answer(answer) } catch { return -error.errno.rawValue }
      return 0
    }.outcome()
  }

  @Test func readingAndExecutingAreAskedFor() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding = try Guarding(
      .tmpfs, .content, for: [.accessPermission, .openToExecutePermission])
    let path = guarding.file
    let reading = Asking {
      let file = open(path, O_RDONLY | O_CLOEXEC)
      defer { close(file) }
      var byte: UInt8 = 0
      return read(file, &byte, 1) < 0 ? -errno : 0
    }
    let asked = try guarding.next()
    #expect(asked.mask == .accessPermission)
    try asked.answer(.deny)
    #expect(reading.outcome() == -EPERM)
    #expect(chmod(path, 0o755) == 0)
    let executing = Asking {
      var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
      defer { free(arguments[0]) }
      var child: pid_t = 0
      return -posix_spawn(&child, path, nil, nil, &arguments, nil)
    }
    let execution = try guarding.next()
    #expect(execution.mask == .openToExecutePermission)
    try execution.answer(.deny)
    #expect(executing.outcome() == -EPERM)
  }

  @Test func everyDenialGivesItsError() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    guard knowsContentEvents else { return announceSkip(#function, because: "Linux is older than 6.14") }
    var guarding = try Guarding(.tmpfs, .preContent, for: .openPermission)
    for (denial, code) in [
      (.notPermitted, EPERM), (.inputOutputError, EIO), (.busy, EBUSY), (.textFileBusy, ETXTBSY),
      (.tryAgain, EAGAIN), (.noSpace, ENOSPC), (.overQuota, EDQUOT),
    ] as [(Answer.Denial, Int32)] {
      let asking = Asking(toOpen: guarding.file)
      try guarding.next().answer(.deny(denial))
      #expect(asking.outcome() == -code)
    }
  }

  @Test func whatTheGroupDoesNotTakeIsStillDenied() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding = try Guarding(.tmpfs, .content, for: .openPermission)
    for (answer, refusal) in [
      (Answer.deny(.busy), Refusal.errorNeedsPreContentClass), (.deny.audited(), .auditNeedsGroup),
    ] {
      let asking = Asking(toOpen: guarding.file)
      let event = try guarding.next()
      do throws(FanotifyError) {
        try event.answer(answer)
        Issue.record("the answer was taken")
      } catch {
        #expect(error.refusal == refusal && error.errno == .invalidArgument)
      }
      #expect(asking.outcome() == -EPERM)
    }
  }

  @Test func answersMayBeAudited() throws {
    if let reason = Guarding.reasonToSkip() { return announceSkip(#function, because: reason) }
    var guarding: Guarding
    do {
      guarding = try Guarding(.tmpfs, .content, .audit, for: .openPermission)
    } catch {
      return announceSkip(#function, because: "Linux keeps no audit log: \(error)")
    }
    for (answer, outcome) in [
      (Answer.allow.audited(), 0), (.deny.audited(), -EPERM),
      (.deny.audited(by: Answer.Rule(number: 7, subject: .no, object: .yes)), -EPERM),
    ] {
      let asking = Asking(toOpen: guarding.file)
      try guarding.next().answer(answer)
      #expect(asking.outcome() == outcome)
    }
  }

  @Test func contentIsFilledInBeforeItIsRead() throws {
    if let reason = Guarding.reasonToSkip(.ext4) { return announceSkip(#function, because: reason) }
    guard knowsContentEvents else { return announceSkip(#function, because: "Linux is older than 6.14") }
    var guarding = try Guarding(.ext4, .preContent, opening: .readWrite, for: .preAccess)
    let path = guarding.file
    let reading = Asking {
      let file = open(path, O_RDONLY | O_CLOEXEC)
      defer { close(file) }
      var bytes: [UInt8] = [0, 0]
      guard pread(file, &bytes, 2, 3) == 2 else { return -errno }
      return Int32(bytes[0]) << 8 | Int32(bytes[1])
    }
    let asked = try guarding.next()
    #expect(asked.mask == .preAccess)
    let range = asked.range ?? FileRange(offset: .max, count: 0)
    #expect(range.offset <= 3 && range.offset + range.count >= 5)
    guard case .descriptor(let raw) = asked.file else {
      Issue.record("no file: \(asked.file)")
      return
    }
    try FileBytes.write(raw, at: 3, Array("!?".utf8))
    try asked.answer(.allow)
    #expect(reading.outcome() == 0x213F)
  }

  private var knowsContentEvents: Bool {
    guard let group = try? DescriptorGroup(.preContent),
      let root = try? Descriptor.open(path: "/", O_RDONLY | O_DIRECTORY)
    else { return false }
    do throws(FanotifyError) {
      // Nothing is there to be removed, but the event is looked at first.
      try group.remove(.inode, for: .preAccess, at: root.raw)
      return true
    } catch {
      return error.errno == .noSuchFileOrDirectory
    }
  }
}

/// Hands one event to another thread.
final class Mailbox: @unchecked Sendable {
  private var event: FileEvent?
  init(_ event: consuming FileEvent) { self.event = consume event }
  func take() -> FileEvent? { event.take() }
}
