// Pooling as layers: each is the op of the same name.

/// The largest value in each window: [N, C, H, W] to [N, C, H', W'] (see `Variable.maxPool2d`).
public final class MaxPool2D: FunctionLayer {
  /// Creates the layer. The stride defaults to the kernel's size; padding is at most half of what the kernel spans.
  public init(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, dilation: Pair = 1, ceilMode: Bool = false
  ) {
    _ = PoolingWindow("MaxPool2D", kernel, stride: stride, padding: padding, dilation: dilation)
    super.init("MaxPool2D \(kernel)") {
      $0.maxPool2d(kernel: kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
    }
  }
}

/// The largest value in each window: [N, C, L] to [N, C, L'] (see `Variable.maxPool1d`).
public final class MaxPool1D: FunctionLayer {
  /// Creates the layer. The stride defaults to the kernel's size; padding is at most half of what the kernel spans.
  public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false) {
    _ = PoolingWindow("MaxPool1D", kernel, stride: stride, padding: padding, dilation: dilation)
    super.init("MaxPool1D \(kernel)") {
      $0.maxPool1d(kernel: kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
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
      $0.maxPool3d(kernel: kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
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
        kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding)
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
        kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding,
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
        kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding)
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

private func requireOutput(_ layer: String, _ size: Pair) {
  require(size.height > 0 && size.width > 0, "\(layer): the output must be at least 1 along each axis, got \(size)")
}
