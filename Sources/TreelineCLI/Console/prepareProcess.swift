import Glibc
import Treeline

/// Puts the process into a state in which nothing from outside surprises it.
///
/// Standard descriptors that are closed become /dev/null, or the first file opened would be taken
/// for one of them. A closed pipe and a file size limit are errors of a call, not a death. What is
/// made is private until it is given its mode.
func prepareProcess() {
  var descriptor: Int32
  repeat {
    descriptor = open("/dev/null", O_RDWR)
  } while descriptor >= 0 && descriptor <= 2
  if descriptor > 2 { close(descriptor) }
  signal(SIGPIPE, SIG_IGN)
  signal(SIGXFSZ, SIG_IGN)
  umask(0o077)
  tzset()
}

/// The arguments after the program's name, each as `ArgumentText` has it.
func argumentsAsText() -> [String] {
  (1..<max(1, Int(CommandLine.argc))).compactMap { index in
    CommandLine.unsafeArgv[index].map { argument in
      ArgumentText.text(Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument))))
    }
  }
}
