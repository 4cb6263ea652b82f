/// One pattern, with the syntax and the meaning that gitignore(5) gives it.
package struct ExclusionPattern: Sendable, Hashable {
  /// What it says of names.
  enum Body: Sendable, Hashable {
    /// It has no slash but perhaps at its end: it is about names at any depth.
    case name(Glob)
    /// It has a slash: it is about paths from the root.
    case path([PathPart])
    /// No name is like this; git says the same of a lone backslash at the end, or of a bracket that
    /// is not closed.
    case nothing
  }

  /// The pattern as it was given.
  package let text: [UInt8]
  /// It takes back what patterns before it exclude: it began with `!`.
  package let isNegated: Bool
  /// It is about directories alone: it ended with `/`.
  package let isDirectoryOnly: Bool
  let body: Body

  /// No name matches it, however it is called: probably it is not what was meant.
  package var matchesNothing: Bool { body == .nothing }

  /// Compiles a pattern.
  ///
  /// - Parameter text: a pattern and nothing else: `#` at its start and spaces at its end are part
  ///   of it. Those mean something only in a file; see `ExclusionList`.
  package init(_ text: [UInt8]) {
    self.text = text
    var rest = text[...]
    isNegated = rest.first == UInt8(ascii: "!")
    if isNegated { rest.removeFirst() }
    isDirectoryOnly = rest.last == .slash
    if isDirectoryOnly { rest.removeLast() }
    let isPath = rest.contains(.slash)
    if rest.first == .slash { rest.removeFirst() }
    var parser = PatternParser(rest)
    let parts = parser.parse()
    switch parts {
    case nil: body = .nothing
    case .some(let parts) where isPath: body = .path(parts)
    case .some(let parts):
      // Without a slash, stars are stars, however many.
      if case .name(let glob)? = parts.first { body = .name(glob) } else { body = .name(.any) }
    }
  }
}

extension Glob {
  /// Any name.
  static let any = Glob(tokens: [.run])
}

extension UInt8 {
  static let slash = UInt8(ascii: "/")
  static let backslash = UInt8(ascii: "\\")
}
