import Journal
import LinuxSystem
import Tree

/// The statistics of a journal as one page for a browser, which needs nothing beside it and fetches
/// nothing.
///
/// Names in a journal may be anybody's. They stand in the page as JSON in which no byte can end the
/// element around it, are shown as `printable` shows them, and set as text. Should any of that fail, a
/// policy in the page still lets no other script run than its own, known by a number that was not to be
/// guessed when the names were given.
public struct StatisticsPage {
  /// The table has the last so many lines: a browser is quick with these, and the page is about 2 MB.
  public static let lineCountMax = 10_000

  public let bytes: [UInt8]

  /// - Parameters:
  ///   - lines: of the span, oldest first, at most `lineCountMax`.
  ///   - areAll: whether there are no others in the span.
  public init(
    _ statistics: JournalStatistics, journal: [UInt8], lines: [JournalLine], areAll: Bool
  ) {
    var generator = SystemRandomNumberGenerator()
    let nonce = String(generator.next(), radix: 16) + String(generator.next(), radix: 16)
    var json = JSONWriter()
    PageData(statistics: statistics, lines: lines, areAll: areAll).write(to: &json)
    let source = Self.escaped(printable(statistics.source))
    let head = Self.head(title: source, nonce: nonce) + Self.body(source, Self.escaped(printable(journal)))
    bytes =
      Array(head.utf8) + Self.embedded(json.bytes)
      + Array("</script>\n<script nonce=\"\(nonce)\">\n\(PageScript.text)</script>\n</body>\n</html>\n".utf8)
  }

  /// JSON that means the same and ends no element: `<`, `>`, `&`, and the two line separators of
  /// Unicode, are written as escapes, which may stand in strings only, as these do.
  package static func embedded(_ json: [UInt8]) -> [UInt8] {
    var safe: [UInt8] = []
    safe.reserveCapacity(json.count + json.count / 16)
    var at = 0
    while at < json.count {
      switch json[at] {
      case UInt8(ascii: "<"): safe += Array("\\u003c".utf8)
      case UInt8(ascii: ">"): safe += Array("\\u003e".utf8)
      case UInt8(ascii: "&"): safe += Array("\\u0026".utf8)
      case 0xe2 where at + 2 < json.count && json[at + 1] == 0x80 && json[at + 2] & 0xfe == 0xa8:
        safe += Array((json[at + 2] == 0xa8 ? "\\u2028" : "\\u2029").utf8)
        at += 2
      case let byte: safe.append(byte)
      }
      at += 1
    }
    return safe
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  private static func head(title: String, nonce: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; base-uri 'none'; form-action 'none'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="referrer" content="no-referrer">
    <title>\(title) – journal</title>
    <style nonce="\(nonce)">
    \(PageStyle.text)</style>
    </head>

    """
  }

  private static func body(_ source: String, _ journal: String) -> String {
    """
    <body>
    <main>
    <h1 class="path">\(source)</h1>
    <p class="soft"><span id="span-of"></span></p>
    <p class="soft small">journal <span class="path">\(journal)</span></p>
    <noscript><p>What follows is drawn by a script in this page, which is switched off here.</p></noscript>
    <div class="facts" id="facts"></div>
    <section aria-labelledby="h-time">
    <h2 id="h-time">Changes over time</h2>
    <div class="legend small" id="legend"></div>
    <svg id="chart" tabindex="0" role="slider" aria-label="Changes over time; arrow keys move, Enter shows their lines" aria-describedby="reading"></svg>
    <div class="axis small soft"><span id="from"></span><span id="bin"></span><span id="to"></span></div>
    <p id="reading" class="small" aria-live="polite">Point at a bar, or use the arrow keys; a click or Enter shows its lines below.</p>
    </section>
    <section aria-labelledby="h-map">
    <h2 id="h-map">Where</h2>
    <nav id="crumbs" aria-label="Directory shown"></nav>
    <div id="map"></div>
    </section>
    <div class="pair">
    <section aria-labelledby="h-dirs"><h2 id="h-dirs">Busiest directories</h2><ol class="bars" id="directories"></ol></section>
    <section aria-labelledby="h-procs"><h2 id="h-procs">Busiest processes</h2><ol class="bars" id="processes"></ol></section>
    </div>
    <section aria-labelledby="h-gaps">
    <h2 id="h-gaps">Gaps</h2>
    <div class="wide" id="gaptable"><table><thead><tr><th scope="col"><button type="button" disabled>Time</button></th><th scope="col" class="number"><button type="button" disabled>Commit</button></th><th scope="col"><button type="button" disabled>Kind</button></th><th scope="col"><button type="button" disabled>What</button></th></tr></thead><tbody id="gaps"></tbody></table></div>
    </section>
    <section aria-labelledby="h-lines">
    <h2 id="h-lines">Changes</h2>
    <p class="soft small" id="bound"></p>
    <div class="tools" role="search">
    <input id="query" type="search" placeholder="Search ( / )" aria-label="Search the changes" autocomplete="off" spellcheck="false">
    <select id="operation" aria-label="Operation"><option value="">every operation</option></select>
    <button type="button" id="span" hidden></button>
    <span class="soft small" id="count" aria-live="polite"></span>
    </div>
    <div class="wide">
    <table>
    <thead><tr>
    <th scope="col" class="number" data-key="place"><button type="button">Commit</button></th>
    <th scope="col" data-key="ms"><button type="button">Time</button></th>
    <th scope="col" data-key="op"><button type="button">Operation</button></th>
    <th scope="col" data-key="path"><button type="button">Path</button></th>
    <th scope="col" class="number" data-key="size"><button type="button">Size</button></th>
    <th scope="col" data-key="note"><button type="button">Beside</button></th>
    <th scope="col" data-key="who"><button type="button">Who</button></th>
    </tr></thead>
    <tbody id="lines"></tbody>
    </table>
    </div>
    <p class="none" id="empty" hidden>No line is like that.</p>
    <div class="pages"><button type="button" id="earlier">Previous</button><span class="small soft" id="page"></span><button type="button" id="later">Next</button></div>
    </section>
    <footer>Made by treeline journal stat. Times are this browser's local times. Names are shown with what is not printable escaped.</footer>
    </main>
    <script type="application/json" id="data">
    """
  }
}
