/// How the initial values of a parameter are drawn.
///
/// ```swift
/// Initializer.heNormal().fill(layer.weight)
/// net.apply { ($0 as? Linear).map { Initializer.orthogonal().fill($0.weight) } }
/// ```
///
/// `fanIn` and `fanOut` count the inputs of one output and the outputs of one input; for a weight of shape
/// [out, in, kernel…] they are in · kernel and out · kernel.
public struct Initializer: Sendable {
  private let draw: @Sendable (Shape, DType, RandomGenerator) -> Tensor

  /// Creates an initializer from a closure of shape, type and generator.
  public init(_ draw: @escaping @Sendable (Shape, DType, RandomGenerator) -> Tensor) { self.draw = draw }

  /// Initial values for a parameter.
  public func callAsFunction(
    _ shape: Shape, dtype: DType = .float32, generator: RandomGenerator = .default
  ) -> Tensor { draw(shape, dtype, generator) }

  /// A parameter with initial values.
  public func parameter(
    _ shape: Shape, dtype: DType = .float32, generator: RandomGenerator = .default
  ) -> Variable { Variable(draw(shape, dtype, generator), requiresGrad: true) }

  /// Sets a parameter to new initial values.
  public func fill(_ variable: Variable, generator: RandomGenerator = .default) {
    variable.value = draw(variable.shape, variable.dtype, generator)
  }
}

// MARK: - Plain distributions

extension Initializer {
  /// The same value everywhere.
  public static func constant(_ value: Double) -> Initializer {
    Initializer { shape, dtype, _ in .full(shape, value, dtype: dtype) }
  }

  /// Zeros.
  public static var zeros: Initializer { .constant(0) }

  /// Ones.
  public static var ones: Initializer { .constant(1) }

  /// Uniform within ±bound.
  public static func uniform(_ bound: Double) -> Initializer { .uniform(-bound, bound) }

  /// Uniform from `low` up to `high`.
  public static func uniform(_ low: Double, _ high: Double) -> Initializer {
    Initializer { .randomUniform($0, low: low, high: high, dtype: $1, generator: $2) }
  }

  /// Normal around a mean.
  public static func normal(_ standardDeviation: Double, mean: Double = 0) -> Initializer {
    Initializer {
      .randomNormal($0, mean: mean, standardDeviation: standardDeviation, dtype: $1, generator: $2)
    }
  }

  /// Normal around a mean, where values beyond `bound` standard deviations are drawn again. The deviation of the result
  /// is smaller: 0.88 of the given one for a bound of 2.
  public static func truncatedNormal(
    _ standardDeviation: Double, mean: Double = 0, bound: Double = 2
  ) -> Initializer {
    require(bound > 0.01, "truncatedNormal: the bound must be above 0.01 standard deviations, got \(bound)")
    return Initializer { shape, dtype, generator in
      func draw() -> Tensor { .randomNormal(shape, dtype: dtype, generator: generator) }
      var x = draw()
      while true {
        let isBeyond = x.abs() .> bound
        if isBeyond.cast(to: .int64).sum().item() == 0 { return x * standardDeviation + mean }
        x = .where(isBeyond, draw(), x)
      }
    }
  }
}

// MARK: - Scaled by the fans

extension Initializer {
  /// The nonlinearity that follows a layer, and the gain that preserves the variance of signals through it.
  public enum Nonlinearity: Sendable {
    /// None, or a sigmoid: 1
    case linear, sigmoid
    /// 5/3
    case tanh
    /// √2
    case relu
    /// √(2 / (1 + slope²))
    case leakyRelu(slope: Double)
    /// 3/4
    case selu

    /// The factor for the deviation of weights. PyTorch's `calculate_gain`.
    public var gain: Double {
      switch self {
      case .linear, .sigmoid: 1
      case .tanh: 5.0 / 3
      case .relu: 2.0.squareRoot()
      case .leakyRelu(let slope): (2 / (1 + slope * slope)).squareRoot()
      case .selu: 0.75
      }
    }
  }

  /// Which signals keep their variance: values on the forward pass, or gradients on the backward pass.
  public enum Fan: Sendable {
    /// `fanIn`
    case incoming
    /// `fanOut`
    case outgoing
  }

  /// Uniform within ±1/√fanIn: PyTorch's start for linear and convolution layers.
  public static func torchDefault(fanIn: Int) -> Initializer { .uniform(1 / Double(fanIn).squareRoot()) }

  /// Uniform within ±gain · √(6 / (fanIn + fanOut)). Glorot and Bengio 2010; also known as Glorot uniform.
  public static func xavierUniform(gain: Double = 1) -> Initializer {
    scaled(Self.uniform) { gain * (6 / (Double($0) + Double($1))).squareRoot() }
  }

  /// Normal with deviation gain · √(2 / (fanIn + fanOut)). Glorot and Bengio 2010.
  public static func xavierNormal(gain: Double = 1) -> Initializer {
    scaled {
      .normal($0)
    } by: {
      gain * (2 / (Double($0) + Double($1))).squareRoot()
    }
  }

  /// Uniform within ±gain · √(3 / fan). He et al. 2015; also known as Kaiming uniform.
  public static func heUniform(_ nonlinearity: Nonlinearity = .relu, fan: Fan = .incoming) -> Initializer {
    scaled(Self.uniform) { nonlinearity.gain * (3 / Double(fan == .incoming ? $0 : $1)).squareRoot() }
  }

  /// Normal with deviation gain / √fan. He et al. 2015.
  public static func heNormal(_ nonlinearity: Nonlinearity = .relu, fan: Fan = .incoming) -> Initializer {
    scaled {
      .normal($0)
    } by: {
      nonlinearity.gain / Double(fan == .incoming ? $0 : $1).squareRoot()
    }
  }

  /// Uniform within ±√(3 / fanIn). LeCun et al. 1998.
  public static func lecunUniform() -> Initializer { .heUniform(.linear) }

  /// Normal with deviation 1 / √fanIn, which SELU needs. LeCun et al. 1998.
  public static func lecunNormal() -> Initializer { .heNormal(.linear) }

  private static func scaled(
    _ draw: @escaping @Sendable (Double) -> Initializer, by scale: @escaping @Sendable (Int, Int) -> Double
  ) -> Initializer {
    Initializer { shape, dtype, generator in
      let (fanIn, fanOut) = fans(of: shape)
      return draw(scale(fanIn, fanOut))(shape, dtype: dtype, generator: generator)
    }
  }

  /// The fans of a weight [out, in, kernel…].
  static func fans(of shape: Shape) -> (fanIn: Int, fanOut: Int) {
    require(shape.rank >= 2, "Initializer: fans are defined for weights of two axes or more, got \(shape)")
    let kernel = shape.dropFirst(2).reduce(1) { $0.times($1) }
    return (shape[1].times(kernel), shape[0].times(kernel))
  }
}

// MARK: - Structured matrices

extension Initializer {
  /// Rows (or columns, if there are more rows) that are orthogonal and of length `gain`; a kernel is flattened to a
  /// row. Saxe et al. 2014; PyTorch's `orthogonal_`.
  public static func orthogonal(gain: Double = 1) -> Initializer {
    Initializer { shape, dtype, generator in
      require(shape.rank >= 2, "orthogonal: wants a weight of two axes or more, got \(shape)")
      let (rows, columns) = (shape[0], shape.dropFirst().reduce(1) { $0.times($1) })
      let long = Tensor.randomNormal(
        [max(rows, columns), min(rows, columns)], dtype: .float64, generator: generator)
      let (q, r) = long.qrFactors()
      // With these signs, every orthogonal matrix is equally likely.
      let signed = q * r.diagonal().sign() * gain
      return (rows < columns ? signed.transpose() : signed).reshape(shape).cast(to: dtype)
    }
  }

  /// Normal around 0, with the given share of each column set to 0, so that an input reaches few outputs.
  /// Martens 2010; PyTorch's `sparse_`.
  public static func sparse(_ sparsity: Double, standardDeviation: Double = 0.01) -> Initializer {
    require(sparsity >= 0 && sparsity <= 1, "sparse: the part of zeros lies between 0 and 1, got \(sparsity)")
    return Initializer { shape, dtype, generator in
      require(shape.rank == 2, "sparse: wants a weight [out, in], got \(shape)")
      Memory.requireRoom(forNumbers: shape.elementCount)
      var isKept = [Bool](repeating: true, count: shape.elementCount)
      let zeros = Int((sparsity * Double(shape[0])).rounded(.up))
      for column in 0..<shape[1] {
        for row in generator.permutation(shape[0]).prefix(zeros) { isKept[row * shape[1] + column] = false }
      }
      let x = Tensor.randomNormal(shape, standardDeviation: standardDeviation, dtype: dtype, generator: generator)
      return x * Tensor(isKept, shape: shape).cast(to: dtype)
    }
  }

  /// Kernels [out, in, kernel…] that copy their input channels, as many as there are in each group. PyTorch's `dirac_`.
  public static func dirac(groups: Int = 1) -> Initializer {
    Initializer { shape, dtype, _ in
      require(
        shape.rank >= 3 && groups > 0 && shape[0] % groups == 0,
        "dirac: wants a weight [out, in, kernel…] whose outputs \(groups) groups divide, got \(shape)")
      let center = zip(shape.dropFirst(2), shape.dropFirst(3) + [1]).reduce(0) { ($0 + $1.0 / 2) * $1.1 }
      let kernel = shape.dropFirst(2).reduce(1, *), outputs = shape[0] / groups
      Memory.requireRoom(forNumbers: shape.elementCount)
      var x = [Double](repeating: 0, count: shape.elementCount)
      if x.isEmpty { return Tensor(x, shape: shape).cast(to: dtype) }
      for group in 0..<groups {
        for channel in 0..<min(outputs, shape[1]) {
          x[((group * outputs + channel) * shape[1] + channel) * kernel + center] = 1
        }
      }
      return Tensor(x, shape: shape).cast(to: dtype)
    }
  }
}
