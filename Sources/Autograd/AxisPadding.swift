// How windows lie on sequences and volumes; those of images are in `Window.swift` of Tensors.

/// Three numbers for the axes of a volume: `2` for all, or `[depth, height, width]`.
public struct Triple: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// The numbers, depth first.
  public let depth, height, width: Int

  /// Creates a triple of three numbers.
  public init(_ depth: Int, _ height: Int, _ width: Int) {
    (self.depth, self.height, self.width) = (depth, height, width)
  }
  /// Creates the same number for all axes.
  public init(_ all: Int) { self.init(all, all, all) }
  /// Creates the same number for all axes.
  public init(integerLiteral all: Int) { self.init(all) }
  /// Creates a triple from `[depth, height, width]`; stops for any other count.
  public init(arrayLiteral numbers: Int...) {
    require(numbers.count == 3, "Triple: wants [depth, height, width], got \(numbers)")
    self.init(numbers[0], numbers[1], numbers[2])
  }

  /// `3×5×5`
  public var description: String { "\(depth)×\(height)×\(width)" }
  /// Depth, height and width.
  package var numbers: [Int] { [depth, height, width] }
}

/// Zeros around the axes that a convolution runs along: `1` for all, `[1, 2, 0]` for each, `.same` or `.valid`.
public enum AxisPadding: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// As many zeros as give an output of the input's size at stride 1; if their number is odd,
  /// the extra one goes to the end.
  case same
  /// A number for each axis, applied on both of its sides.
  case sizes([Int])

  /// No padding.
  public static var valid: AxisPadding { 0 }
  /// Creates the same number for all axes.
  public init(_ all: Int) { self = .sizes([all]) }
  /// Creates the same number for all axes.
  public init(integerLiteral all: Int) { self.init(all) }
  /// Creates one number for each axis.
  public init(arrayLiteral sizes: Int...) { self = .sizes(sizes) }

  /// Stops unless there is one number for all axes or one for each, none negative; `op` names the op or layer.
  package func check(_ op: String, axes: Int) {
    if case .sizes(let sizes) = self {
      require(
        (sizes.count == 1 || sizes.count == axes) && sizes.allSatisfy { $0 >= 0 },
        "\(op): padding must be one number\(axes == 1 ? "" : " or \(axes)"), none negative, got \(sizes)")
    }
  }

  /// The checked padding before and after each axis; the kernel spans `spans` elements along them.
  func resolved(_ op: String, spans: [Int]) -> [(before: Int, after: Int)] {
    check(op, axes: spans.count)
    switch self {
    case .same: return spans.map { (($0 - 1) / 2, $0 - 1 - ($0 - 1) / 2) }
    case .sizes(let sizes):
      return (sizes.count == 1 ? Array(repeating: sizes[0], count: spans.count) : sizes).map { ($0, $0) }
    }
  }
}
