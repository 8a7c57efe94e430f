/// Fully connected layer: y = x · Wᵀ + b.
///
/// Input [..., inputs], output [..., outputs]; `weight` [outputs, inputs], `bias` [outputs] or none. Both start uniform
/// within ±1/√inputs, as PyTorch's do.
public final class Linear: Module {
  /// [outputs, inputs]
  public let weight: Variable
  /// [outputs]
  public let bias: Variable?

  /// Creates a layer of the given sizes, both at least 1.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    require(inputs > 0 && outputs > 0, "Linear: sizes must be at least 1, got \(inputs) and \(outputs)")
    Self.requireFloat(dtype)
    let initializer = Initializer.torchDefault(fanIn: inputs)
    weight = initializer.parameter([outputs, inputs], dtype: dtype, generator: generator)
    self.bias = bias ? initializer.parameter([outputs], dtype: dtype, generator: generator) : nil
  }

  /// Creates a layer from existing weights: `weight` [outputs, inputs], `bias` [outputs], of one float type.
  public convenience init(weight: Tensor, bias: Tensor? = nil) {
    self.init(
      weight: Variable(weight, requiresGrad: weight.dtype.isFloatingPoint),
      bias: bias.map { Variable($0, requiresGrad: $0.dtype.isFloatingPoint) })
  }

  /// Creates a layer that shares parameters with others: tied weights.
  ///
  /// ```swift
  /// let words = Embedding(10_000, 200)
  /// let scores = Linear(weight: words.weight, bias: Variable(.zeros([10_000]), requiresGrad: true))
  /// ```
  ///
  /// Both layers have the same variable, which the registry lists once, under the first of its names. A bias of its own
  /// is trained if it requires a gradient. Shapes and types are those of `init(weight:bias:)` for tensors.
  public init(weight: Variable, bias: Variable? = nil) {
    require(weight.rank == 2, "Linear: the weight must be [outputs, inputs], got \(weight.shape)")
    Self.requireFloat(weight.dtype)
    if let bias {
      require(
        bias.shape == [weight.shape[0]] && bias.dtype == weight.dtype,
        "Linear: the bias must be \(weight.dtype) [\(weight.shape[0])], got \(bias.dtype) \(bias.shape)")
    }
    (self.weight, self.bias) = (weight, bias)
  }

  public override func forward(_ x: Variable) -> Variable {
    require(
      x.rank >= 1 && x.shape[-1] == weight.shape[1],
      "wants \(weight.shape[1]) features in the last axis, got \(x.shape)")
    return x.linear(weight: weight, bias: bias)
  }

  public override var summary: String { "Linear \(weight.shape[1]) -> \(weight.shape[0])" }
  public override func multiplyAdds(input: Shape, output: Shape) -> Int { output.elementCount * weight.shape[1] }
}

/// Layer of two inputs: yₖ = aᵀ · Wₖ · b + cₖ.
///
/// Inputs a [..., first] and b [..., second], output [..., outputs]; `weight` [outputs, first, second], `bias` c
/// [outputs] or none. Both start uniform within ±1/√first. PyTorch's `Bilinear`.
public final class Bilinear: Module {
  /// [outputs, first, second]
  public let weight: Variable
  /// [outputs]
  public let bias: Variable?

  /// Creates a layer of the given sizes, all at least 1.
  public init(
    _ first: Int, _ second: Int, _ outputs: Int, bias: Bool = true, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    require(
      first > 0 && second > 0 && outputs > 0,
      "Bilinear: sizes must be at least 1, got \(first), \(second) and \(outputs)")
    Self.requireFloat(dtype)
    let initializer = Initializer.torchDefault(fanIn: first)
    weight = initializer.parameter([outputs, first, second], dtype: dtype, generator: generator)
    self.bias = bias ? initializer.parameter([outputs], dtype: dtype, generator: generator) : nil
  }

  /// The output for two inputs whose leading axes are equal.
  public func callAsFunction(_ a: Variable, _ b: Variable) -> Variable {
    atWork {
      require(
        a.rank >= 1 && b.rank >= 1 && a.shape[-1] == weight.shape[1] && b.shape[-1] == weight.shape[2]
          && a.shape.dropLast().elementsEqual(b.shape.dropLast()),
        "wants [..., \(weight.shape[1])] and [..., \(weight.shape[2])], got \(a.shape) and \(b.shape)")
      return a.bilinear(b, weight: weight, bias: bias)
    }
  }

  public override var summary: String {
    "Bilinear \(weight.shape[1]), \(weight.shape[2]) -> \(weight.shape[0])"
  }
  public override func multiplyAdds(input: Shape, output: Shape) -> Int {
    output.elementCount * weight.shape[1] * (weight.shape[2] + 1)
  }
}
