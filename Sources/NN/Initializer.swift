/// How the first values of a parameter are drawn.
///
/// `fanIn` and `fanOut` count the numbers that go into one output and come from one input; for a weight of shape
/// [out, in, kernel…] they are in · kernel and out · kernel.
public struct Initializer: Sendable {
  private let draw: @Sendable (Shape, DType, RandomGenerator) -> Tensor

  /// An initializer from a closure of shape, type and generator.
  public init(_ draw: @escaping @Sendable (Shape, DType, RandomGenerator) -> Tensor) { self.draw = draw }

  /// First values for a parameter.
  public func callAsFunction(
    _ shape: Shape, dtype: DType = .float32, generator: RandomGenerator = .default
  ) -> Tensor { draw(shape, dtype, generator) }

  /// A parameter with first values.
  public func parameter(
    _ shape: Shape, dtype: DType = .float32, generator: RandomGenerator = .default
  ) -> Variable { Variable(draw(shape, dtype, generator), requiresGrad: true) }

  /// The same value everywhere.
  public static func constant(_ value: Double) -> Initializer {
    Initializer { shape, dtype, _ in .full(shape, value, dtype: dtype) }
  }

  /// Zeros.
  public static var zeros: Initializer { .constant(0) }

  /// Uniform within ±bound.
  public static func uniform(_ bound: Double) -> Initializer {
    Initializer { .randomUniform($0, low: -bound, high: bound, dtype: $1, generator: $2) }
  }

  /// Normal about 0.
  public static func normal(_ standardDeviation: Double) -> Initializer {
    Initializer { .randomNormal($0, standardDeviation: standardDeviation, dtype: $1, generator: $2) }
  }

  /// Uniform within ±1/√fanIn: PyTorch's start for linear and convolution layers.
  public static func torchDefault(fanIn: Int) -> Initializer { .uniform(1 / Double(fanIn).squareRoot()) }

  /// Uniform within ±gain · √(6 / (fanIn + fanOut)). Glorot and Bengio 2010.
  public static func xavierUniform(gain: Double = 1) -> Initializer {
    scaled(Self.uniform) { gain * (6 / Double($0 + $1)).squareRoot() }
  }

  /// Normal with deviation gain · √(2 / (fanIn + fanOut)). Glorot and Bengio 2010.
  public static func xavierNormal(gain: Double = 1) -> Initializer {
    scaled(Self.normal) { gain * (2 / Double($0 + $1)).squareRoot() }
  }

  /// Uniform within ±√(6 / fanIn), for ReLU. He et al. 2015.
  public static var heUniform: Initializer {
    scaled(Self.uniform) { fanIn, _ in (6 / Double(fanIn)).squareRoot() }
  }

  /// Normal with deviation √(2 / fanIn), for ReLU. He et al. 2015.
  public static var heNormal: Initializer {
    scaled(Self.normal) { fanIn, _ in (2 / Double(fanIn)).squareRoot() }
  }

  /// Uniform within ±√(3 / fanIn). LeCun et al. 1998.
  public static var lecunUniform: Initializer {
    scaled(Self.uniform) { fanIn, _ in (3 / Double(fanIn)).squareRoot() }
  }

  private static func scaled(
    _ draw: @escaping @Sendable (Double) -> Initializer, _ scale: @escaping @Sendable (Int, Int) -> Double
  ) -> Initializer {
    Initializer { shape, dtype, generator in
      let (fanIn, fanOut) = fans(of: shape)
      return draw(scale(fanIn, fanOut))(shape, dtype: dtype, generator: generator)
    }
  }

  /// The fans of a weight [out, in, kernel…].
  static func fans(of shape: Shape) -> (fanIn: Int, fanOut: Int) {
    require(shape.rank >= 2, "Initializer: fans are defined for weights of two axes or more, got \(shape)")
    let kernel = shape.dropFirst(2).reduce(1, *)
    return (shape[1] * kernel, shape[0] * kernel)
  }
}
