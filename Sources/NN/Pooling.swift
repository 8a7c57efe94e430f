/// The largest value in each window: [N, C, H, W] to [N, C, H', W'] (see `Variable.maxPool2d`).
public final class MaxPool2D: Activation {
  /// The layer; the stride is the kernel's size unless said.
  public init(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, dilation: Pair = 1, ceilMode: Bool = false
  ) {
    super.init("MaxPool2D \(kernel)") {
      $0.maxPool2d(kernel: kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
    }
  }
}

/// The mean of each window: [N, C, H, W] to [N, C, H', W'] (see `Variable.avgPool2d`).
public final class AvgPool2D: Activation {
  /// The layer; the stride is the kernel's size unless said.
  public init(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    super.init("AvgPool2D \(kernel)") {
      $0.avgPool2d(
        kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding)
    }
  }
}
