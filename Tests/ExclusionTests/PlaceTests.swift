import Exclusion
import Testing

/// What is carried from directory to directory.
@Suite
struct PlaceTests {
  private func place(_ path: String, _ matcher: ExclusionMatcher) -> ExclusionMatcher.Place {
    path.utf8.split(separator: UInt8(ascii: "/")).reduce(matcher.root) { place, name in
      Array(name).withUnsafeBytes { matcher.place(of: $0, in: place) }
    }
  }

  @Test func namesAtAnyDepthMakeAllDirectoriesAlike() {
    let matcher = ExclusionMatcher(ExclusionList("*.o", "!a", "b/"))
    #expect(place("x/y/z", matcher) == matcher.root)
  }

  @Test func directoriesThatNoPathLeadsToAreAlike() {
    let matcher = ExclusionMatcher(ExclusionList("/a/b/c", "/d"))
    #expect(place("x", matcher) != matcher.root)
    #expect(place("x", matcher) == place("y/z", matcher))
    #expect(place("a", matcher) != place("x", matcher))
    #expect(place("a/x", matcher) == place("x", matcher))
  }

  @Test func aPlaceIsWhatThePathSaysHoweverItWasReached() {
    let matcher = ExclusionMatcher(ExclusionList("**/a/**/b", "/x/*/b"))
    #expect(place("q/a", matcher) == place("r/s/a", matcher))
    #expect(place("x/q", matcher) != place("q/x", matcher))
  }

  @Test func aDirectoryThatMovesIsInThePlaceOfItsNewPath() {
    let matcher = ExclusionMatcher(ExclusionList("/a/d/x"))
    #expect(place("a/d", matcher) != place("b/d", matcher))
    let name = Array("x".utf8)
    name.withUnsafeBytes {
      #expect(matcher.isExcluded($0, isDirectory: false, in: place("a/d", matcher)))
      #expect(!matcher.isExcluded($0, isDirectory: false, in: place("b/d", matcher)))
    }
  }
}
