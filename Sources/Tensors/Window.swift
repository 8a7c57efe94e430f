// How windows lie on images: the numbers that convolution and pooling take. Those for sequences and volumes are in
// Autograd, which turns these into images.

/// Two numbers for the two axes of an image: `2` for both, or `[height, width]`.
public struct Pair: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// Vertically, from top to bottom.
  public let height: Int
  /// Horizontally, from left to right.
  public let width: Int

  /// Creates a pair of two numbers.
  public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }
  /// Creates a pair with the same number for both axes.
  public init(_ both: Int) { self.init(both, both) }
  /// Creates a pair with the same number for both axes.
  public init(integerLiteral both: Int) { self.init(both) }
  /// Creates a pair from `[height, width]`; stops for any other count.
  public init(arrayLiteral numbers: Int...) {
    require(numbers.count == 2, "Pair: wants [height, width], got \(numbers)")
    self.init(numbers[0], numbers[1])
  }

  /// `5×5`
  public var description: String { "\(height)×\(width)" }
  /// Height, then width.
  package var numbers: [Int] { [height, width] }

  /// The pixels that a kernel spans, from its first to its last.
  package init(kernel: Pair, _ dilation: Pair) {
    self.init(dilation.height.times(kernel.height - 1).plus(1), dilation.width.times(kernel.width - 1).plus(1))
  }
}

/// Zeros around an image: `1` on every side, `[height, width]`, `.same` or `.valid`.
public enum Padding: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// As many zeros as give an output of the input's size at stride 1; if their number is odd,
  /// the extra one goes to the end.
  case same
  /// A number for each side.
  case sides(top: Int, left: Int, bottom: Int, right: Int)

  /// No padding.
  public static var valid: Padding { 0 }
  /// Creates the same padding on all sides.
  public init(_ all: Int) { self = .sides(top: all, left: all, bottom: all, right: all) }
  /// Creates the same padding on all sides.
  public init(integerLiteral all: Int) { self.init(all) }
  /// Creates padding from `[height, width]`: above and below, left and right.
  public init(arrayLiteral numbers: Int...) {
    require(numbers.count == 2, "Padding: wants [height, width], got \(numbers)")
    self = .sides(top: numbers[0], left: numbers[1], bottom: numbers[0], right: numbers[1])
  }

  /// Stops for a negative number; `op` names the op or layer that was given it.
  package func check(_ op: String) {
    if case .sides(let top, let left, let bottom, let right) = self {
      require(
        top >= 0 && left >= 0 && bottom >= 0 && right >= 0,
        "\(op): padding must not be negative, got top \(top), left \(left), bottom \(bottom), right \(right)")
    }
  }

  /// The checked padding for a kernel that spans `span` pixels.
  func resolved(_ op: String, span: Pair) -> (top: Int, left: Int, bottom: Int, right: Int) {
    check(op)
    switch self {
    case .sides(let top, let left, let bottom, let right): return (top, left, bottom, right)
    case .same:
      let (height, width) = (span.height - 1, span.width - 1)
      return (height / 2, width / 2, height - height / 2, width - width / 2)
    }
  }
}
