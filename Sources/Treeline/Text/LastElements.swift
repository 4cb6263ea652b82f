/// The last of many elements, in their order.
public struct LastElements<Element> {
  /// nil keeps all.
  private let limit: Int?
  private var elements: [Element] = []
  /// Where the oldest stands once the limit is reached.
  private var oldest = 0
  /// Whether none had to go.
  public private(set) var areAll = true

  public init(limit: Int?) { self.limit = limit }

  public mutating func add(_ element: Element) {
    if let limit, elements.count == limit {
      areAll = false
      elements[oldest] = element
      oldest = (oldest + 1) % limit
    } else {
      elements.append(element)
    }
  }

  public var all: [Element] { Array(elements[oldest...] + elements[..<oldest]) }
}
