import Kernels

/// The geometry of a convolution: everything about it but the numbers.
package struct ConvolutionPlan: Sendable {
  package let input: Shape
  package let weight: Shape
  package let output: Shape
  private let kernel: ag_conv2d

  /// Checks sizes: input [N, C, H, W], weight [out, C / groups, height, width].
  package init(
    input: Shape, weight: Shape, stride: Pair, padding: Padding, dilation: Pair, groups: Int
  ) {
    require(
      input.rank == 4 && weight.rank == 4,
      "conv2d: wants an input [N, C, H, W] and a weight [out, C / groups, height, width], got \(input) and \(weight)")
    require(
      stride.height > 0 && stride.width > 0 && dilation.height > 0 && dilation.width > 0 && groups > 0,
      "conv2d: stride, dilation and groups must be at least 1, got \(stride), \(dilation) and \(groups)")
    require(
      input[1] == weight[1].times(groups) && weight[0] % groups == 0,
      "conv2d: the weight \(weight) in \(groups) groups wants \(weight[1].times(groups)) channels and a number of "
        + "outputs that \(groups) divides, got an input \(input) with \(input[1])")
    let span = Pair(kernel: Pair(weight[2], weight[3]), dilation)
    let pad = padding.resolved("conv2d", span: span)
    let padded = Pair(input[2].plus(pad.top).plus(pad.bottom), input[3].plus(pad.left).plus(pad.right))
    require(
      weight[2] > 0 && weight[3] > 0 && padded.height >= span.height && padded.width >= span.width,
      "conv2d: the kernel spans \(span) pixels, which does not fit the padded input of \(padded)")
    // All algorithms but Winograd's hold the padded image in working memory, at most four times as large.
    require(
      Double(padded.height) * Double(padded.width) * Double(input[1]) < 0x1p52,
      "conv2d: \(input[1]) channels of \(padded) padded pixels are more than can be worked with")
    // Beyond the padded size there is only one window, however long the stride; working memory grows with the stride.
    let stride = Pair(min(stride.height, padded.height), min(stride.width, padded.width))
    output = [
      input[0], weight[0], (padded.height - span.height) / stride.height + 1,
      (padded.width - span.width) / stride.width + 1,
    ]
    self.input = input
    self.weight = weight
    kernel = ag_conv2d(
      n: input[0], groups: groups, in_channels: input[1], in_h: input[2], in_w: input[3], out_channels: weight[0],
      out_h: output[2], out_w: output[3], kernel_h: weight[2], kernel_w: weight[3], stride_h: stride.height,
      stride_w: stride.width, pad_top: pad.top, pad_left: pad.left, dilation_h: dilation.height,
      dilation_w: dilation.width)
  }

  /// The convolution; `exact` asks for plain sums of products where Winograd's method would be used.
  package func forward(_ x: Tensor, _ w: Tensor, bias: Tensor?, exact: Bool) -> Tensor {
    let y = Tensor(uninitialized: output, dtype: x.dtype)
    let (x, w, bias) = (x.contiguous(), w.contiguous(), bias?.contiguous())
    withExtendedLifetime((x, w, bias)) {
      withUnsafePointer(to: kernel) { plan in
        if x.dtype == .float32 {
          ag_conv2d_forward_f32(plan, x.elements(), w.elements(), bias?.elements(), y.elements(), exact)
        } else {
          ag_conv2d_forward_f64(plan, x.elements(), w.elements(), bias?.elements(), y.elements(), exact)
        }
      }
    }
    return y
  }

  /// The gradients that are wanted: of the input (needs `w`), of the weight (needs `x`), of the bias. They share work.
  package func backward(
    x: Tensor?, w: Tensor?, dy: Tensor, bias: Bool, exact: Bool
  ) -> (dx: Tensor?, dw: Tensor?, dbias: Tensor?) {
    let dx = w == nil ? nil : Tensor(uninitialized: input, dtype: dy.dtype)
    let dw = x == nil ? nil : Tensor(uninitialized: weight, dtype: dy.dtype)
    let dbias = bias ? Tensor(uninitialized: [weight[0]], dtype: dy.dtype) : nil
    let (x, w, dy) = (x?.contiguous(), w?.contiguous(), dy.contiguous())
    withExtendedLifetime((x, w, dy)) {
      withUnsafePointer(to: kernel) { plan in
        if dy.dtype == .float32 {
          ag_conv2d_backward_f32(
            plan, x?.elements(), w?.elements(), dy.elements(), dx?.elements(), dw?.elements(),
            dbias?.elements(), exact)
        } else {
          ag_conv2d_backward_f64(
            plan, x?.elements(), w?.elements(), dy.elements(), dx?.elements(), dw?.elements(),
            dbias?.elements(), exact)
        }
      }
    }
    return (dx, dw, dbias)
  }
}
