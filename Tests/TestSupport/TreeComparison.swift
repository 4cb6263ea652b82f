/// What the independent comparison finds between a source and its copy; nil where they are equal.
///
/// - Parameter list: a file of paths, each ended by NUL, that are taken for not there in the source.
package func difference(
  between source: String, and destination: String, without list: String? = nil
) throws -> String? {
  let output = try run(
    [Products.treecompare, "--destination", source, destination]
      + (list.map { ["--without", $0] } ?? []), timeout: .seconds(600))
  return output.exitCode == 0 ? nil : output.description
}
