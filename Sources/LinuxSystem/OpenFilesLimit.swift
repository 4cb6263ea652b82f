import Glibc

/// How many files the process may have open at a time. See getrlimit(2).
public func openFilesMax() -> Int {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
  return Int(clamping: limit.rlim_cur)
}
