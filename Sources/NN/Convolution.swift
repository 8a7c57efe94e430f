// Convolution layers. A kernel moves over all input channels of its group; its sums, plus a
// bias, are an output channel.

/// The base of convolution layers: a bank of kernels and a bias.
public class ConvolutionLayer: Module {
  /// [out, C / groups, kernel…]; of a transposed convolution [C, out / groups, kernel…]
  public let weight: Variable
  /// [out]
  public let bias: Variable?
  /// Groups that channels are divided into; outputs of a group depend on inputs of the same group only.
  public let groups: Int
  /// Whether plain sums of products are computed, never the faster transformed tiles (see `Variable.conv2d`).
  public let exact: Bool
  private let isTransposed: Bool

  init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int], dilation: [Int], groups: Int,
    isTransposed: Bool = false, bias: Bool, exact: Bool, dtype: DType, generator: RandomGenerator
  ) {
    require(
      inputs > 0 && outputs > 0 && groups > 0 && inputs % groups == 0 && outputs % groups == 0,
      "\(Self.self): \(groups) groups must divide \(inputs) inputs and \(outputs) outputs, all at least 1")
    for (name, sizes) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
      require(
        sizes.allSatisfy { $0 > 0 }, "\(Self.self): the \(name) must be at least 1 along each axis, got \(times(sizes))"
      )
    }
    Self.requireFloat(dtype)
    let channels = isTransposed ? [inputs, outputs / groups] : [outputs, inputs / groups]
    let initializer = Initializer.torchDefault(fanIn: kernel.reduce(channels[1]) { $0.times($1) })
    weight = initializer.parameter(Shape(channels + kernel), dtype: dtype, generator: generator)
    self.bias = bias ? initializer.parameter([outputs], dtype: dtype, generator: generator) : nil
    (self.groups, self.exact, self.isTransposed) = (groups, exact, isTransposed)
  }

  public final override func forward(_ x: Variable) -> Variable {
    let axes = weight.rank - 2
    require(
      (x.rank == axes + 2 || x.rank == axes + 1) && x.shape[x.rank - axes - 1] == inputs,
      "wants [N, \(inputs), \(["", "L", "H, W", "D, H, W"][axes])], got \(x.shape)")
    return convolved(x)
  }

  /// The op of this layer.
  func convolved(_ x: Variable) -> Variable { stop("has no convolution") }

  /// The number of input channels.
  public var inputs: Int { isTransposed ? weight.shape[0] : weight.shape[1] * groups }
  /// The number of output channels.
  public var outputs: Int { isTransposed ? weight.shape[1] * groups : weight.shape[0] }

  public override var summary: String {
    "\(type(of: self)) \(inputs) -> \(outputs), \(times(weight.shape.dropFirst(2)))"
  }

  public override func multiplyAdds(input: Shape, output: Shape) -> Int {
    (isTransposed ? input : output).elementCount * weight.elementCount / weight.shape[0]
  }
}

/// `3×3`
private func times(_ sizes: some Sequence<Int>) -> String { sizes.map(String.init).joined(separator: "×") }

/// Convolution of sequences: [N, C, L] to [N, out, L'] (see `Variable.conv1d`).
///
/// `weight` [out, C / groups, length], `bias` [out] or none. Both start uniform within ±1/√(C / groups · length).
public final class Conv1D: ConvolutionLayer {
  /// Steps from one position of the kernel to the next.
  public let stride: Int
  /// Zeros at both ends.
  public let padding: AxisPadding
  /// Steps from one element of the kernel to the next.
  public let dilation: Int

  /// Creates a layer from `inputs` channels to `outputs`. Sizes, strides and dilations are at least 1, and `groups`
  /// divides both numbers of channels. `exact` asks for plain sums of products, see `Variable.conv2d`.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: AxisPadding = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, exact: Bool = false, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
    padding.check("Conv1D", axes: 1)
    super.init(
      inputs, outputs, kernel: [kernel], stride: [stride], dilation: [dilation], groups: groups, bias: bias,
      exact: exact, dtype: dtype, generator: generator)
  }

  override func convolved(_ x: Variable) -> Variable {
    x.conv1d(weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups, exact: exact)
  }
}

/// Convolution of images: [N, C, H, W] to [N, out, H', W'] (see `Variable.conv2d`).
///
/// `weight` [out, C / groups, height, width], `bias` [out] or none. Both start uniform within
/// ±1/√(C / groups · height · width), as PyTorch's do.
public final class Conv2D: ConvolutionLayer {
  /// Pixels from one position of the kernel to the next.
  public let stride: Pair
  /// Zeros around the image.
  public let padding: Padding
  /// Pixels from one element of the kernel to the next.
  public let dilation: Pair

  /// Creates a layer from `inputs` channels to `outputs`. Sizes, strides and dilations are at least 1, and `groups`
  /// divides both numbers of channels. `exact` asks for plain sums of products, see `Variable.conv2d`.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Pair, stride: Pair = 1, padding: Padding = 0, dilation: Pair = 1,
    groups: Int = 1, bias: Bool = true, exact: Bool = false, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
    padding.check("Conv2D")
    super.init(
      inputs, outputs, kernel: kernel.numbers, stride: stride.numbers, dilation: dilation.numbers, groups: groups,
      bias: bias, exact: exact, dtype: dtype, generator: generator)
  }

  override func convolved(_ x: Variable) -> Variable {
    x.conv2d(weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups, exact: exact)
  }
}

/// Convolution of volumes: [N, C, D, H, W] to [N, out, D', H', W'] (see `Variable.conv3d`).
///
/// `weight` [out, C / groups, depth, height, width], `bias` [out] or none. Both start uniform within
/// ±1/√(C / groups · depth · height · width).
public final class Conv3D: ConvolutionLayer {
  /// Voxels from one position of the kernel to the next.
  public let stride: Triple
  /// Zeros around the volume.
  public let padding: AxisPadding
  /// Voxels from one element of the kernel to the next.
  public let dilation: Triple

  /// Creates a layer from `inputs` channels to `outputs`. Sizes, strides and dilations are at least 1, and `groups`
  /// divides both numbers of channels. `exact` asks for plain sums of products, see `Variable.conv2d`.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Triple, stride: Triple = 1, padding: AxisPadding = 0, dilation: Triple = 1,
    groups: Int = 1, bias: Bool = true, exact: Bool = false, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
    padding.check("Conv3D", axes: 3)
    super.init(
      inputs, outputs, kernel: kernel.numbers, stride: stride.numbers, dilation: dilation.numbers, groups: groups,
      bias: bias, exact: exact, dtype: dtype, generator: generator)
  }

  override func convolved(_ x: Variable) -> Variable {
    x.conv3d(weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups, exact: exact)
  }
}

/// Transposed convolution of sequences: [N, C, L] to [N, out, L'] (see `Variable.convTranspose1d`).
///
/// `weight` [C, out / groups, length], `bias` [out] or none. Both start uniform within ±1/√(out / groups · length).
public final class ConvTranspose1D: ConvolutionLayer {
  private let stride, padding, outputPadding, dilation: Int

  /// Creates a layer from `inputs` channels to `outputs`; `groups` divides both. `outputPadding` extends the
  /// output at its end; it must be smaller than the stride or the dilation. `exact` asks for plain sums of
  /// products, see `Variable.conv2d`.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    groups: Int = 1, dilation: Int = 1, bias: Bool = true, exact: Bool = false, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    (self.stride, self.padding, self.outputPadding, self.dilation) = (stride, padding, outputPadding, dilation)
    super.init(
      inputs, outputs, kernel: [kernel], stride: [stride], dilation: [dilation], groups: groups, isTransposed: true,
      bias: bias, exact: exact, dtype: dtype, generator: generator)
    checkTransposedAxis("ConvTranspose1D", stride, padding, outputPadding, dilation)
  }

  override func convolved(_ x: Variable) -> Variable {
    x.convTranspose1d(
      weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation, exact: exact)
  }
}

/// Transposed convolution of images: [N, C, H, W] to [N, out, H', W'] (see `Variable.convTranspose2d`).
///
/// `weight` [C, out / groups, height, width], `bias` [out] or none. Both start uniform within
/// ±1/√(out / groups · height · width).
public final class ConvTranspose2D: ConvolutionLayer {
  private let stride, padding, outputPadding, dilation: Pair

  /// Creates a layer from `inputs` channels to `outputs`; `groups` divides both. `outputPadding` extends the
  /// output at its end; it must be smaller than the stride or the dilation. `exact` asks for plain sums of
  /// products, see `Variable.conv2d`.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Pair, stride: Pair = 1, padding: Pair = 0, outputPadding: Pair = 0,
    groups: Int = 1, dilation: Pair = 1, bias: Bool = true, exact: Bool = false, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    (self.stride, self.padding, self.outputPadding, self.dilation) = (stride, padding, outputPadding, dilation)
    super.init(
      inputs, outputs, kernel: kernel.numbers, stride: stride.numbers, dilation: dilation.numbers, groups: groups,
      isTransposed: true, bias: bias, exact: exact, dtype: dtype, generator: generator)
    checkTransposedAxis("ConvTranspose2D", stride.height, padding.height, outputPadding.height, dilation.height)
    checkTransposedAxis("ConvTranspose2D", stride.width, padding.width, outputPadding.width, dilation.width)
  }

  override func convolved(_ x: Variable) -> Variable {
    x.convTranspose2d(
      weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation, exact: exact)
  }
}

/// Transposed convolution of volumes: [N, C, D, H, W] to [N, out, D', H', W'] (see `Variable.convTranspose3d`).
///
/// `weight` [C, out / groups, depth, height, width], `bias` [out] or none. Both start uniform within
/// ±1/√(out / groups · depth · height · width).
public final class ConvTranspose3D: ConvolutionLayer {
  private let stride, padding, outputPadding, dilation: Triple

  /// Creates a layer from `inputs` channels to `outputs`; `groups` divides both. `outputPadding` extends the
  /// output at its end; it must be smaller than the stride or the dilation. `exact` asks for plain sums of
  /// products, see `Variable.conv2d`.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Triple, stride: Triple = 1, padding: Triple = 0, outputPadding: Triple = 0,
    groups: Int = 1, dilation: Triple = 1, bias: Bool = true, exact: Bool = false, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    (self.stride, self.padding, self.outputPadding, self.dilation) = (stride, padding, outputPadding, dilation)
    super.init(
      inputs, outputs, kernel: kernel.numbers, stride: stride.numbers, dilation: dilation.numbers, groups: groups,
      isTransposed: true, bias: bias, exact: exact, dtype: dtype, generator: generator)
    for axis in 0..<3 {
      checkTransposedAxis(
        "ConvTranspose3D", stride.numbers[axis], padding.numbers[axis], outputPadding.numbers[axis],
        dilation.numbers[axis])
    }
  }

  override func convolved(_ x: Variable) -> Variable {
    x.convTranspose3d(
      weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation, exact: exact)
  }
}
