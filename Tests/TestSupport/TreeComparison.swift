/// What the independent comparison finds between a source and its copy; nil where they are equal.
package func difference(between source: String, and destination: String) throws -> String? {
  let output = try run(
    [Products.treecompare, "--destination", source, destination], timeout: .seconds(600))
  return output.exitCode == 0 ? nil : output.description
}
