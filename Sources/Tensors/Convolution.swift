import Kernels

/// Two numbers for the two axes of an image: `2` for both, or `[height, width]`.
public struct Pair: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// Along columns of pixels, from top to bottom.
  public let height: Int
  /// Along rows of pixels, from left to right.
  public let width: Int

  /// Two numbers.
  public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }
  /// The same number for both axes.
  public init(integerLiteral both: Int) { self.init(both, both) }
  /// Height and width; stops for another count.
  public init(arrayLiteral numbers: Int...) {
    require(numbers.count == 2, "Pair: wants [height, width], got \(numbers)")
    self.init(numbers[0], numbers[1])
  }

  /// `5×5`
  public var description: String { "\(height)×\(width)" }
  /// Height, then width.
  package var numbers: [Int] { [height, width] }
}

/// Zeros around an image: `1` on every side, `[height, width]`, `.same` or `.valid`.
public enum Padding: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// So many that with stride 1 the output has the input's size; an odd one goes to the end.
  case same
  /// On each side its own number.
  case sides(top: Int, left: Int, bottom: Int, right: Int)

  /// None.
  public static var valid: Padding { 0 }
  /// The same on all sides.
  public init(integerLiteral all: Int) { self = .sides(top: all, left: all, bottom: all, right: all) }
  /// `[height, width]`: above and below, left and right.
  public init(arrayLiteral numbers: Int...) {
    require(numbers.count == 2, "Padding: wants [height, width], got \(numbers)")
    self = .sides(top: numbers[0], left: numbers[1], bottom: numbers[0], right: numbers[1])
  }

  /// Stops for a negative number; `op` names the op or layer that was given it.
  package func check(_ op: String) {
    if case .sides(let top, let left, let bottom, let right) = self {
      require(
        top >= 0 && left >= 0 && bottom >= 0 && right >= 0,
        "\(op): padding must not be negative, got top \(top), left \(left), bottom \(bottom), right \(right)")
    }
  }

  /// The numbers for a kernel that spans so many pixels, checked.
  func resolved(_ op: String, span: Pair) -> (top: Int, left: Int, bottom: Int, right: Int) {
    check(op)
    switch self {
    case .sides(let top, let left, let bottom, let right): return (top, left, bottom, right)
    case .same:
      let (height, width) = (span.height - 1, span.width - 1)
      return (height / 2, width / 2, height - height / 2, width - width / 2)
    }
  }
}

/// How a convolution moves over images: everything about it but the numbers.
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
      input[1] == weight[1] * groups && weight[0] % groups == 0,
      "conv2d: the weight \(weight) in \(groups) groups wants \(weight[1] * groups) channels and a number of outputs "
        + "that \(groups) divides, got an input \(input) with \(input[1])")
    let span = Pair(dilation.height * (weight[2] - 1) + 1, dilation.width * (weight[3] - 1) + 1)
    let pad = padding.resolved("conv2d", span: span)
    let padded = Pair(input[2] + pad.top + pad.bottom, input[3] + pad.left + pad.right)
    require(
      weight[2] > 0 && weight[3] > 0 && padded.height >= span.height && padded.width >= span.width,
      "conv2d: the kernel spans \(span) pixels, which does not fit the padded input of \(padded)")
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

  /// The convolution; `exact` asks for plain sums of products where tiles would be transformed.
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

  /// The gradients asked for: of the input (needs `w`), of the weight (needs `x`), of the bias. All at once share work.
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

extension Tensor {
  /// The first element. Good for as long as the caller keeps the tensor alive; for kernels of many operands, where
  /// nested closures would hide the call.
  func elements<Scalar>() -> UnsafeMutablePointer<Scalar> { body.start.assumingMemoryBound(to: Scalar.self) }
  /// The first element, to read.
  func elements<Scalar>() -> UnsafePointer<Scalar> { UnsafePointer(body.start.assumingMemoryBound(to: Scalar.self)) }
}
