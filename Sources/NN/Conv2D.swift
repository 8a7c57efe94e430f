/// Convolution layer: each output channel is a sum of kernels moved over all input channels of its group, plus a bias.
///
/// Input [N, C, H, W], output [N, out, H', W'] (see `Variable.conv2d`); `weight` [out, C / groups, height, width], `bias`
/// [out] or none. Both start uniform within ±1/√(C / groups · height · width), as PyTorch's do.
public final class Conv2D: Module {
  /// [out, C / groups, height, width]
  public let weight: Variable
  /// [out]
  public let bias: Variable?
  /// Pixels from one place of the kernel to the next.
  public let stride: Pair
  /// Zeros around the image.
  public let padding: Padding
  /// Pixels from one element of the kernel to the next.
  public let dilation: Pair
  /// Parts that channels are divided into; outputs of one see inputs of the same alone.
  public let groups: Int

  /// A layer from so many channels to so many. All sizes are at least 1, and `groups` divides both numbers of channels.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Pair, stride: Pair = 1, padding: Padding = 0, dilation: Pair = 1,
    groups: Int = 1, bias: Bool = true, dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    require(
      inputs > 0 && outputs > 0 && groups > 0 && inputs % groups == 0 && outputs % groups == 0,
      "Conv2D: \(groups) groups must divide \(inputs) inputs and \(outputs) outputs, all at least 1")
    require(kernel.height > 0 && kernel.width > 0, "Conv2D: the kernel must be at least 1×1, got \(kernel)")
    let fanIn = inputs / groups * kernel.height * kernel.width
    let initializer = Initializer.torchDefault(fanIn: fanIn)
    weight = initializer.parameter(
      [outputs, inputs / groups, kernel.height, kernel.width], dtype: dtype, generator: generator)
    self.bias = bias ? initializer.parameter([outputs], dtype: dtype, generator: generator) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  public override func forward(_ x: Variable) -> Variable {
    require(
      x.rank == 4 && x.shape[1] == weight.shape[1] * groups,
      "wants [N, \(weight.shape[1] * groups), H, W], got \(x.shape)")
    return x.conv2d(weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  public override var summary: String {
    "Conv2D \(weight.shape[1] * groups) -> \(weight.shape[0]), \(Pair(weight.shape[2], weight.shape[3]))"
  }
}
