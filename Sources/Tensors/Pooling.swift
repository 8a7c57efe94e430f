import Kernels

/// A window that moves over images, or over sequences, which are images of one row. Its
/// numbers are checked on creation.
package struct PoolingWindow: Sendable {
  /// The op or layer that was given the numbers.
  package let op: String
  let kernel: Pair, stride: Pair, padding: Pair, dilation: Pair
  /// The size from the window's first pixel to its last, gaps included.
  let span: Pair

  /// Over images. The stride defaults to the kernel's size.
  package init(_ op: String, _ kernel: Pair, stride: Pair?, padding: Pair, dilation: Pair = 1) {
    self.init(op, kernel, stride ?? kernel, padding, dilation) { "\($0)" }
  }

  /// Over sequences.
  package init(_ op: String, _ kernel: Int, stride: Int?, padding: Int, dilation: Int = 1) {
    self.init(op, Pair(1, kernel), Pair(1, stride ?? kernel), Pair(0, padding), Pair(1, dilation)) { "\($0.width)" }
  }

  private init(
    _ op: String, _ kernel: Pair, _ stride: Pair, _ padding: Pair, _ dilation: Pair, _ text: (Pair) -> String
  ) {
    (self.op, self.kernel, self.stride, self.padding, self.dilation) = (op, kernel, stride, padding, dilation)
    require(
      kernel.isPositive && stride.isPositive && dilation.isPositive,
      "\(op): kernel, stride and dilation must be at least 1, got \(text(kernel)), \(text(stride)), \(text(dilation))")
    span = Pair(kernel: kernel, dilation)
    require(padding.height >= 0 && padding.width >= 0, "\(op): padding must not be negative, got \(text(padding))")
    require(
      padding.height <= span.height / 2 && padding.width <= span.width / 2,
      "\(op): padding must be at most half of the kernel, which spans \(text(span)), got \(text(padding))")
  }
}

extension Pair {
  fileprivate var isPositive: Bool { height > 0 && width > 0 }
}

/// The geometry of pooling over images of one size.
package struct PoolingPlan: Sendable {
  package let input: Shape
  package let output: Shape
  private let kernel: ag_pool2d

  /// Checks sizes: input [N, C, H, W].
  ///
  /// With `ceilMode` the last window may extend over the edge, as long as it starts inside the
  /// input or its left padding.
  package init(_ window: PoolingWindow, input: Shape, ceilMode: Bool) {
    let (kernel, stride, padding, dilation) = (window.kernel, window.stride, window.padding, window.dilation)
    require(input.rank == 4, "\(window.op): wants an input [N, C, H, W], got \(input)")
    func size(_ input: Int, _ span: Int, _ stride: Int, _ padding: Int) -> Int {
      let room = (input + (2 * padding - span)).plus(ceilMode ? stride - 1 : 0)
      require(
        room >= 0, "\(window.op): a kernel that spans \(span) does not fit \(input) pixels with padding \(padding)")
      let windows = room / stride + 1
      return ceilMode && (windows - 1) * stride >= input.plus(padding) ? windows - 1 : windows
    }
    let (height, width) = (
      size(input[2], window.span.height, stride.height, padding.height),
      size(input[3], window.span.width, stride.width, padding.width)
    )
    self.input = input
    output = [input[0], input[1], height, width]
    self.kernel = ag_pool2d(
      planes: input[0].times(input[1]), in_h: input[2], in_w: input[3], out_h: height, out_w: width,
      kernel_h: kernel.height, kernel_w: kernel.width, stride_h: stride.height, stride_w: stride.width,
      pad_top: padding.height, pad_left: padding.width, pad_bottom: padding.height, pad_right: padding.width,
      dilation_h: dilation.height, dilation_w: dilation.width, adaptive: false)
  }

  /// As many windows as wanted, of nearly equal size: window i of an axis runs from ⌊i · in / out⌋ to ⌈(i + 1)
  /// · in / out⌉. For maxima only.
  package init(adaptive size: Pair, input: Shape) {
    self.input = input
    output = [input[0], input[1], size.height, size.width]
    kernel = ag_pool2d(
      planes: input[0].times(input[1]), in_h: input[2], in_w: input[3], out_h: size.height, out_w: size.width,
      kernel_h: 0,
      kernel_w: 0, stride_h: 0, stride_w: 0, pad_top: 0, pad_left: 0, pad_bottom: 0, pad_right: 0, dilation_h: 0,
      dilation_w: 0, adaptive: true)
  }

  /// The largest value of each window, and its index in its plane, as int32.
  package func maximum(_ x: Tensor) -> (values: Tensor, positions: Tensor) {
    let values = Tensor(uninitialized: output, dtype: x.dtype)
    let positions = Tensor(uninitialized: output, dtype: .int32)
    run(x, values) { ag_max_pool2d(x.dtype.kernel, $0, $1, $2, positions.elements()) }
    return (values, positions)
  }

  /// The gradient of `maximum`'s input: each window's goes to its largest value.
  package func maximumBackward(_ dy: Tensor, positions: Tensor) -> Tensor {
    let dx = Tensor(uninitialized: input, dtype: dy.dtype)
    run(dy, dx) { ag_max_pool2d_backward(dy.dtype.kernel, $0, positions.elements(), $1, $2) }
    return dx
  }

  /// The mean of each window; see `Variable.avgPool2d` for what it is divided by.
  package func mean(_ x: Tensor, countsPadding: Bool, divisor: Double) -> Tensor {
    let y = Tensor(uninitialized: output, dtype: x.dtype)
    run(x, y) { ag_avg_pool2d(x.dtype.kernel, $0, countsPadding, divisor, $1, $2) }
    return y
  }

  /// The gradient of `mean`'s input.
  package func meanBackward(_ dy: Tensor, countsPadding: Bool, divisor: Double) -> Tensor {
    let dx = Tensor(uninitialized: input, dtype: dy.dtype)
    run(dy, dx) { ag_avg_pool2d_backward(dy.dtype.kernel, $0, countsPadding, divisor, $1, $2) }
    return dx
  }

  private func run(
    _ x: Tensor, _ y: Tensor,
    _ loop: (UnsafePointer<ag_pool2d>, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
  ) {
    x.contiguous().withPointer { x in
      y.withWritablePointer { y in withUnsafePointer(to: kernel) { loop($0, x, y) } }
    }
  }
}
