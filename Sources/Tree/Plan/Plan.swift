/// The verbs that bring a destination's names from where they are to where they must be, in an order
/// that is legal at every step.
///
/// What is given must be complete and make a tree: each object's `current` is true, no two objects
/// have a final name in common, and a final name is free or is a current name of one of `objects`.
/// Where that is broken, some verb asks for what a destination refuses, and nothing worse.
///
/// The order follows from few rules:
/// - All that is new is made in the park first, so no name is ever half made. Nothing is put into a new
///   directory before that has its name, but what is new as well (`PlanObject.top`): that was made in it.
/// - Directories go to their places by the depth of the final parent. That parent is then at its own
///   final place with all above it, so no move can enter its own subtree; inversions and cycles need
///   no other thought.
/// - What stands in the way of a directory is moved on or parked. A non-directory in the way of
///   another one is renamed over, as soon as it is not needed there: it goes, or it has another name
///   to take its names from. So a name that has a non-directory before and after is never without.
/// - A name that must go is moved where one must come; further names are links.
/// - Removals come last: all names of non-directories, then directories, deepest first.
/// - Then the attributes of objects, and those of every directory in which a verb touched a name, and
///   of every one that was moved or made.
///
/// A destination that fails a verb leaves out the later verbs on that object, and those that would
/// replace what failed to move away.
package func plan(_ objects: [PlanObject], in context: some PlanContext) -> [Verb] {
  var planner = Planner(objects)
  planner.stageAll()
  planner.placeAll(in: context)
  planner.removeAll()
  planner.setAllAttributes()
  return planner.verbs
}
