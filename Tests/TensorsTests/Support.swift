import Tensors
import Testing

/// An n-dimensional array in the simplest form, as a reference for tensors: every element is found by its full index.
struct Plain: Equatable {
  let shape: [Int]
  let values: [Double]

  /// The array of `element`'s results for each index, last axis fastest.
  init(_ shape: [Int], _ element: ([Int]) -> Double) {
    self.shape = shape
    values = Plain.indices(shape).map(element)
  }

  init(_ tensor: Tensor) {
    shape = Array(tensor.shape)
    values = tensor.scalars(as: Double.self)
  }

  subscript(index: [Int]) -> Double {
    values[zip(shape, index).reduce(0) { $0 * $1.0 + $1.1 }]
  }

  /// The element at an index of a shape that this one broadcasts to.
  func broadcast(at index: [Int]) -> Double {
    self[zip(shape, index.suffix(shape.count)).map { $0 == 1 ? 0 : $1 }]
  }

  /// Every index of a shape, last axis fastest.
  static func indices(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { found, size in found.flatMap { index in (0..<size).map { index + [$0] } } }
  }
}

/// Random choices for property tests, determined by the seed of a test case.
struct Choices {
  private let generator: RandomGenerator

  init(seed: Int) { generator = RandomGenerator(seed: UInt64(seed)) }

  func number(_ range: ClosedRange<Int>) -> Int {
    generator.integer(in: range.lowerBound..<(range.upperBound + 1))
  }

  /// Up to five axes of zero to four elements; 0 is rare, so that most shapes have elements.
  func shape(mostAxes: Int = 5) -> [Int] {
    (0..<number(0...mostAxes)).map { _ in number(0...11) == 0 ? 0 : number(1...4) }
  }

  func order(_ count: Int) -> [Int] { generator.permutation(count) }

  /// Small integers, so that sums and products are exact in any order.
  func tensor(_ shape: [Int], dtype: DType = .float64) -> Tensor {
    Tensor.randomIntegers(Shape(shape), in: dtype == .uint8 ? 0..<10 : -9..<10, generator: generator).cast(to: dtype)
  }

  /// A view of a larger tensor: axes permuted, cut, reversed or broadcast.
  func view(mostAxes: Int = 5, dtype: DType = .float64) -> Tensor {
    let shape = shape(mostAxes: mostAxes)
    var x = tensor(shape.map { $0 + number(0...2) }, dtype: dtype)
    for axis in shape.indices {
      let step = [1, 1, 2, -1][number(0...3)]
      let part = TensorIndex.slice(from: nil, to: nil, step: step)
      let whole = TensorIndex.slice(from: nil, to: nil, step: 1)
      x = x.slice(shape.indices.map { $0 == axis ? part : whole })
    }
    x = x.permute(order(x.rank))
    return number(0...3) == 0 && x.rank < 5 ? x.expand(Shape([number(1...3)] + Array(x.shape))) : x
  }
}

/// 0, 1, … in a shape, as float64.
func counting(_ shape: Shape) -> Tensor {
  Tensor.arange(shape.elementCount, dtype: .float64).reshape(shape)
}

/// A misuse of the library, and the message that the program stops with.
struct Mistake: Sendable {
  let sentence: String
  let commit: @Sendable () -> Void

  init(_ sentence: String, _ commit: @escaping @Sendable () -> Void) {
    self.sentence = sentence
    self.commit = commit
  }
}

/// Checks that a process wrote a message to standard error.
func expectSentence(
  _ result: ExitTest.Result?, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  #expect(words.contains(sentence), sourceLocation: sourceLocation)
}
