/// What the independent comparison finds between a source and its copy; nil where they are equal.
///
/// - Parameters:
///   - list: a file of paths, each ended by NUL, that are taken for not there in the source.
///   - isDestination: whether the copy is one that treeline writes to, with names of its own in its root.
package func difference(
  between source: String, and copy: String, without list: String? = nil, isDestination: Bool = true
) throws -> String? {
  let output = try run(
    [Products.treecompare] + [isDestination ? "--destination" : "--plain"] + [source, copy]
      + (list.map { ["--without", $0] } ?? []), timeout: .seconds(600))
  return output.exitCode == 0 ? nil : output.description
}
