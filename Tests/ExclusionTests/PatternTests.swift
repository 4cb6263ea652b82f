import Exclusion
import Testing

/// What gitignore(5) promises, one sentence each.
@Suite
struct PatternTests {
  @Test func anEmptyListExcludesNothing() {
    #expect(!ExclusionList().excludes("a"))
    #expect(!ExclusionList("", "# a", "   ").excludes("a"))
  }

  @Test func aNameIsMeantAtAnyDepth() {
    let list = ExclusionList("core")
    #expect(list.excludes("core"))
    #expect(list.excludes("a/b/core"))
    #expect(list.excludes("core/"))
    #expect(!list.excludes("score"))
    #expect(!list.excludes("core.c"))
  }

  @Test func aSlashInFrontMeansTheRootAlone() {
    let list = ExclusionList("/core")
    #expect(list.excludes("core"))
    #expect(!list.excludes("a/core"))
  }

  @Test func aSlashInTheMiddleMeansThePathFromTheRoot() {
    let list = ExclusionList("doc/frotz/")
    #expect(list.excludes("doc/frotz/"))
    #expect(!list.excludes("a/doc/frotz/"))
    #expect(!list.excludes("doc/frotz"))
    #expect(ExclusionList("frotz/").excludes("a/doc/frotz/"))
  }

  @Test func aSlashAtTheEndMeansDirectoriesAlone() {
    let list = ExclusionList("out/")
    #expect(list.excludes("out/"))
    #expect(list.excludes("a/out/"))
    #expect(!list.excludes("out"))
    #expect(list.excludes("out/x"))
  }

  @Test func aStarStopsAtASlash() {
    let list = ExclusionList("foo/*")
    #expect(list.excludes("foo/test.json"))
    #expect(list.excludes("foo/bar/"))
    #expect(list.excludes("foo/bar/hello.c"))  // for bar is left out
    #expect(!list.excludes("foo/"))
    #expect(!ExclusionList("a/*.c").excludes("a/b/x.c"))
  }

  @Test func aQuestionMarkIsOneByteButNoSlash() {
    #expect(ExclusionList("a?c").excludes("abc"))
    #expect(!ExclusionList("a?c").excludes("ac"))
    #expect(!ExclusionList("x/a?c").excludes("x/a/c"))
    #expect(!ExclusionList("a?c").excludes("aéc"))  // two bytes
    #expect(ExclusionList("a??c").excludes("aéc"))
  }

  @Test func bracketsAreSetsOfBytes() {
    let list = ExclusionList("[a-c][!x-z]")
    #expect(list.excludes("ba"))
    #expect(!list.excludes("da"))
    #expect(!list.excludes("by"))
    #expect(ExclusionList("[]-]x").excludes("]x"))
    #expect(ExclusionList("[]-]x").excludes("-x"))
    #expect(ExclusionList("[\\]]").excludes("]"))
    #expect(ExclusionList("[^[:digit:][:upper:]_]").excludes("a"))
    #expect(!ExclusionList("[^[:digit:][:upper:]_]").excludes("7"))
    #expect(ExclusionList("[[:xdigit:]-x]").excludes("-"))
    #expect(ExclusionList("[c-a]z", "q").excludes("q"))
  }

  @Test func aBracketNeverMatchesASlash() {
    #expect(!ExclusionList("a[/]b").excludes("a/b"))
    #expect(ExclusionList("d/[/x]").excludes("d/x"))
    #expect(!ExclusionList("a[^x]b").excludes("a/b"))
  }

  @Test func whatCannotMatchIsKnownForIt() {
    for text in ["a\\", "[a", "[[:nonsense:]]", "[a-", "/", "a//b", "[[:alpha", "!"] {
      let list = ExclusionList(text)
      #expect(list.patterns.first?.matchesNothing == true, "\(text)")
      #expect(!list.excludes("a"), "\(text)")
    }
    #expect(!ExclusionPattern(Array("a".utf8)).matchesNothing)
  }

  @Test func twoStarsInFrontMeanAnyDirectory() {
    let list = ExclusionList("**/foo")
    #expect(list.excludes("foo"))
    #expect(list.excludes("a/b/foo"))
    let below = ExclusionList("**/foo/bar")
    #expect(below.excludes("foo/bar"))
    #expect(below.excludes("x/foo/bar"))
    #expect(!below.excludes("foo/x/bar"))
  }

  @Test func twoStarsAtTheEndMeanEverythingInside() {
    let list = ExclusionList("abc/**")
    #expect(list.excludes("abc/x"))
    #expect(list.excludes("abc/x/y"))
    #expect(!list.excludes("abc/"))
    #expect(!list.excludes("x/abc/y"))
  }

  @Test func twoStarsBetweenSlashesMeanZeroDirectoriesOrMore() {
    let list = ExclusionList("a/**/b")
    #expect(list.excludes("a/b"))
    #expect(list.excludes("a/x/b"))
    #expect(list.excludes("a/x/y/b"))
    #expect(!list.excludes("a/xb"))
    #expect(!list.excludes("x/a/b"))
  }

  @Test func twoStarsElsewhereAreOne() {
    let list = ExclusionList("foo**/bar")
    #expect(list.excludes("foox/bar"))
    #expect(!list.excludes("foo/x/bar"))
    #expect(!list.excludes("foobar"))
    #expect(ExclusionList("a**b").excludes("axxb"))
    #expect(!ExclusionList("x/a**").excludes("x/b"))
  }

  @Test func starsTakeAsMuchAsTheyMust() {
    let list = ExclusionList("*a*b*ab")
    #expect(list.excludes("xaxbxaab"))
    #expect(!list.excludes("xaxbxaabc"))
    // A matcher that tries every way would not come to an end.
    let many = String(repeating: "a*", count: 30) + "b"
    #expect(!ExclusionList(many).excludes(String(repeating: "a", count: 200)))
  }

  @Test func aBackslashTakesTheMeaningFromWhatFollows() {
    #expect(ExclusionList("\\*").excludes("*"))
    #expect(!ExclusionList("\\*").excludes("a"))
    #expect(ExclusionList("\\a").excludes("a"))
    #expect(ExclusionList("a\\\\b").excludes("a\\b"))
    #expect(ExclusionList("\\#x").excludes("#x"))
    #expect(ExclusionList("\\!x").excludes("!x"))
  }

  @Test func ofThoseThatMatchTheLastOneCounts() {
    let list = ExclusionList("*.log", "!keep.log", "/old/*.log")
    #expect(list.excludes("a.log"))
    #expect(!list.excludes("keep.log"))
    #expect(!list.excludes("x/keep.log"))
    #expect(list.excludes("old/keep.log"))
  }

  @Test func nothingInAnExcludedDirectoryComesBack() {
    let list = ExclusionList("out/", "!out/keep", "!keep")
    #expect(list.excludes("out/keep"))
    #expect(!list.excludes("keep"))
  }

  @Test func everythingButOneDirectoryCanBeLeftOut() {
    let list = ExclusionList("/*", "!/foo", "/foo/*", "!/foo/bar")
    #expect(list.excludes("a"))
    #expect(list.excludes("foo/x"))
    #expect(list.excludes("b/foo/bar"))
    #expect(!list.excludes("foo/"))
    #expect(!list.excludes("foo/bar/"))
    #expect(!list.excludes("foo/bar/x"))
  }
}
