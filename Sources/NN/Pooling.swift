// Pooling as layers: each is the op of the same name.

/// The largest value in each window: [N, C, H, W] to [N, C, H', W'] (see `Variable.maxPool2d`).
public final class MaxPool2D: Module {
  private let kernel: Pair, stride: Pair?, padding, dilation: Pair
  private let ceilMode: Bool

  /// Creates the layer. The stride defaults to the kernel's size; padding is at most half of what the kernel spans.
  public init(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, dilation: Pair = 1, ceilMode: Bool = false
  ) {
    _ = PoolingWindow("MaxPool2D", kernel, stride: stride, padding: padding, dilation: dilation)
    (self.kernel, self.stride, self.padding, self.dilation) = (kernel, stride, padding, dilation)
    self.ceilMode = ceilMode
  }

  public override func forward(_ x: Variable) -> Variable {
    x.maxPool2d(kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// The output, and the positions of the largest values in their planes (int64), for `MaxUnpool2D`.
  public func withIndices(_ x: Variable) -> Variable.Picked {
    atWork(on: x) {
      x.maxPool2dWithIndices(kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
    }
  }

  public override var summary: String { "MaxPool2D \(kernel)" }
}

/// The largest value in each window: [N, C, L] to [N, C, L'] (see `Variable.maxPool1d`).
public final class MaxPool1D: FunctionLayer {
  /// Creates the layer. The stride defaults to the kernel's size; padding is at most half of what the kernel spans.
  public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false) {
    _ = PoolingWindow("MaxPool1D", kernel, stride: stride, padding: padding, dilation: dilation)
    super.init("MaxPool1D \(kernel)") {
      $0.maxPool1d(kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
    }
  }
}

/// The largest value in each window: [N, C, D, H, W] to [N, C, D', H', W'] (see `Variable.maxPool3d`).
public final class MaxPool3D: FunctionLayer {
  /// Creates the layer. The stride defaults to the kernel's size; padding is at most half of what the kernel spans.
  public init(
    _ kernel: Triple, stride: Triple? = nil, padding: Triple = 0, dilation: Triple = 1, ceilMode: Bool = false
  ) {
    _ = PoolingWindow.pair("MaxPool3D", kernel, stride: stride, padding: padding, dilation: dilation)
    super.init("MaxPool3D \(kernel)") {
      $0.maxPool3d(kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
    }
  }
}

/// The mean of each window: [N, C, D, H, W] to [N, C, D', H', W'] (see `Variable.avgPool3d`).
public final class AvgPool3D: FunctionLayer {
  /// Creates the layer. The stride defaults to the kernel's size; padding is at most half of what the kernel spans.
  public init(
    _ kernel: Triple, stride: Triple? = nil, padding: Triple = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    _ = PoolingWindow.pair("AvgPool3D", kernel, stride: stride, padding: padding, dilation: 1)
    super.init("AvgPool3D \(kernel)") {
      $0.avgPool3d(
        kernel, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding)
    }
  }
}

/// The mean of each window: [N, C, H, W] to [N, C, H', W'] (see `Variable.avgPool2d`).
public final class AvgPool2D: FunctionLayer {
  /// Creates the layer. The stride defaults to the kernel's size; padding is at most half of what the kernel spans.
  public init(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, ceilMode: Bool = false, countsPadding: Bool = true,
    divisor: Int? = nil
  ) {
    require(divisor != 0, "AvgPool2D: the divisor must not be 0")
    _ = PoolingWindow("AvgPool2D", kernel, stride: stride, padding: padding)
    super.init("AvgPool2D \(kernel)") {
      $0.avgPool2d(
        kernel, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding,
        divisor: divisor)
    }
  }
}

/// The mean of each window: [N, C, L] to [N, C, L'] (see `Variable.avgPool1d`).
public final class AvgPool1D: FunctionLayer {
  /// Creates the layer. The stride defaults to the kernel's size; padding is at most half of what the kernel spans.
  public init(
    _ kernel: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    _ = PoolingWindow("AvgPool1D", kernel, stride: stride, padding: padding)
    super.init("AvgPool1D \(kernel)") {
      $0.avgPool1d(
        kernel, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding)
    }
  }
}

/// Means of a given number of windows: [N, C, H, W] to [N, C, height, width] (see `Variable.adaptiveAvgPool2d`).
public final class AdaptiveAvgPool2D: FunctionLayer {
  /// Creates the layer with the size of its output.
  public init(_ size: Pair) {
    requireOutput("AdaptiveAvgPool2D", size)
    super.init("AdaptiveAvgPool2D \(size)") { $0.adaptiveAvgPool2d(size) }
  }
}

/// Largest values of a given number of windows: [N, C, H, W] to [N, C, height, width] (see
/// `Variable.adaptiveMaxPool2d`).
public final class AdaptiveMaxPool2D: FunctionLayer {
  /// Creates the layer with the size of its output.
  public init(_ size: Pair) {
    requireOutput("AdaptiveMaxPool2D", size)
    super.init("AdaptiveMaxPool2D \(size)") { $0.adaptiveMaxPool2d(size) }
  }
}

/// The mean of each channel: [N, C, ...] to [N, C]. Lin et al. 2013; Keras's `GlobalAveragePooling2D`.
public final class GlobalAveragePool: FunctionLayer {
  /// Creates the layer.
  public init() {
    super.init("GlobalAveragePool") {
      require($0.rank >= 3, "wants [N, C, ...], got \($0.shape)")
      return $0.mean(axes: Array(2..<$0.rank))
    }
  }
}

/// Values put back at the positions at which `MaxPool2D.withIndices` found them (see `Variable.maxUnpool2d`).
/// PyTorch's `MaxUnpool2d`.
public final class MaxUnpool2D: Module {
  private let kernel: Pair, stride: Pair?, padding: Pair

  /// Creates the layer with the numbers of the pooling layer.
  public init(_ kernel: Pair, stride: Pair? = nil, padding: Pair = 0) {
    _ = PoolingWindow("MaxUnpool2D", kernel, stride: stride, padding: padding)
    (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
  }

  /// Values and their positions, both [N, C, H', W'], give [N, C, H, W]. `size` chooses H and W where several are
  /// possible.
  public func callAsFunction(_ x: Variable, _ indices: Tensor, size: Pair? = nil) -> Variable {
    atWork(on: x) { x.maxUnpool2d(indices, kernel: kernel, stride: stride, padding: padding, size: size) }
  }

  public override var summary: String { "MaxUnpool2D \(kernel)" }
}

/// The root of the sum of powers in each window of images [N, C, H, W] (see `Variable.lpPool2d`). PyTorch's `LPPool2d`.
public final class LPPool2D: FunctionLayer {
  /// Creates the layer; the stride defaults to the kernel's size.
  public init(_ p: Double, kernel: Pair, stride: Pair? = nil, ceilMode: Bool = false) {
    require(p != 0, "LPPool2D: the power must not be 0")
    _ = PoolingWindow("LPPool2D", kernel, stride: stride, padding: 0)
    super.init("LPPool2D \(p), \(kernel)") { $0.lpPool2d(p, kernel: kernel, stride: stride, ceilMode: ceilMode) }
  }
}

/// The root of the sum of powers in each window of sequences [N, C, L] (see `Variable.lpPool2d`). PyTorch's `LPPool1d`.
public final class LPPool1D: FunctionLayer {
  /// Creates the layer; the stride defaults to the kernel's size.
  public init(_ p: Double, kernel: Int, stride: Int? = nil, ceilMode: Bool = false) {
    require(p != 0, "LPPool1D: the power must not be 0")
    _ = PoolingWindow("LPPool1D", kernel, stride: stride, padding: 0)
    super.init("LPPool1D \(p), \(kernel)") { $0.lpPool1d(p, kernel: kernel, stride: stride, ceilMode: ceilMode) }
  }
}

/// Sequences pooled to a given length (see `Variable.adaptiveAvgPool2d`). PyTorch's `AdaptiveAvgPool1d`.
public final class AdaptiveAvgPool1D: FunctionLayer {
  /// Creates the layer.
  public init(_ size: Int) {
    requireOutput("AdaptiveAvgPool1D", Pair(1, size))
    super.init("AdaptiveAvgPool1D \(size)") { $0.adaptiveAvgPool1d(size) }
  }
}

/// Sequences pooled to a given length (see `Variable.adaptiveMaxPool2d`). PyTorch's `AdaptiveMaxPool1d`.
public final class AdaptiveMaxPool1D: FunctionLayer {
  /// Creates the layer.
  public init(_ size: Int) {
    requireOutput("AdaptiveMaxPool1D", Pair(1, size))
    super.init("AdaptiveMaxPool1D \(size)") { $0.adaptiveMaxPool1d(size) }
  }
}

/// Volumes pooled to a given size (see `Variable.adaptiveAvgPool2d`). PyTorch's `AdaptiveAvgPool3d`.
public final class AdaptiveAvgPool3D: FunctionLayer {
  /// Creates the layer.
  public init(_ size: Triple) {
    requireOutput("AdaptiveAvgPool3D", Pair(size.depth, min(size.height, size.width)))
    super.init("AdaptiveAvgPool3D \(size)") { $0.adaptiveAvgPool3d(size) }
  }
}

/// Volumes pooled to a given size (see `Variable.adaptiveMaxPool2d`). PyTorch's `AdaptiveMaxPool3d`.
public final class AdaptiveMaxPool3D: FunctionLayer {
  /// Creates the layer.
  public init(_ size: Triple) {
    requireOutput("AdaptiveMaxPool3D", Pair(size.depth, min(size.height, size.width)))
    super.init("AdaptiveMaxPool3D \(size)") { $0.adaptiveMaxPool3d(size) }
  }
}

private func requireOutput(_ layer: String, _ size: Pair) {
  require(size.height > 0 && size.width > 0, "\(layer): the output must be at least 1 along each axis, got \(size)")
}
