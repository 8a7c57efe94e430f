// Windows by which a signal is multiplied before its spectrum is taken: 1 in the middle, falling to both sides. A
// periodic window of n numbers is one of n + 1 without the last; a symmetric one begins and ends alike. In the formulas
// i counts from 0, and N is n for a periodic window, n − 1 for a symmetric one. They are computed in float64.

extension Tensor {
  /// Hann's window [n]: ½ − ½ cos(2πi / N). PyTorch's `hann_window`.
  public static func hannWindow(_ n: Int, periodic: Bool = true, dtype: DType = .float32) -> Tensor {
    cosineWindow("hannWindow", n, periodic, [0.5, 0.5], dtype)
  }

  /// Hamming's window [n]: α − β cos(2πi / N). PyTorch's `hamming_window`.
  public static func hammingWindow(
    _ n: Int, periodic: Bool = true, alpha: Double = 0.54, beta: Double = 0.46, dtype: DType = .float32
  ) -> Tensor { cosineWindow("hammingWindow", n, periodic, [alpha, beta], dtype) }

  /// Blackman's window [n]: 0.42 − 0.5 cos(2πi / N) + 0.08 cos(4πi / N). PyTorch's `blackman_window`.
  public static func blackmanWindow(_ n: Int, periodic: Bool = true, dtype: DType = .float32) -> Tensor {
    cosineWindow("blackmanWindow", n, periodic, [0.42, 0.5, 0.08], dtype)
  }

  /// Bartlett's window [n], a triangle: 1 − |2i / N − 1|. PyTorch's `bartlett_window`.
  public static func bartlettWindow(_ n: Int, periodic: Bool = true, dtype: DType = .float32) -> Tensor {
    window("bartlettWindow", n, periodic, dtype) { 1 - ($0 * 2 - 1).abs() }
  }

  /// Kaiser's window [n]: I₀(β √(1 − (2i / N − 1)²)) / I₀(β) with the modified Bessel function I₀. PyTorch's
  /// `kaiser_window`.
  public static func kaiserWindow(
    _ n: Int, periodic: Bool = true, beta: Double = 12, dtype: DType = .float32
  ) -> Tensor {
    require(beta.isFinite, "kaiserWindow: beta must be finite, got \(beta)")
    return window("kaiserWindow", n, periodic, dtype) { place in
      let roots = (1 - (place * 2 - 1).square()).clamp(min: 0).sqrt()
      let values = Tensor(roots.scalars(as: Double.self).map { scaledBessel(beta * $0) })
      return values * ((roots - 1) * beta.magnitude).exp() / scaledBessel(beta)
    }
  }

  /// Σ (−1)ᵏ aₖ cos(2πki / N).
  private static func cosineWindow(
    _ name: String, _ n: Int, _ periodic: Bool, _ factors: [Double], _ dtype: DType
  ) -> Tensor {
    window(name, n, periodic, dtype) { place in
      factors.enumerated().reduce(place * 0) { sum, factor in
        sum + (place * (2 * .pi * Double(factor.offset))).cos()
          * (factor.offset % 2 == 0 ? factor.element : -factor.element)
      }
    }
  }

  /// A function of i / N.
  private static func window(
    _ name: String, _ n: Int, _ periodic: Bool, _ dtype: DType, _ function: (Tensor) -> Tensor
  ) -> Tensor {
    require(n >= 0, "\(name): the length must not be negative, got \(n)")
    require(dtype.isFloatingPoint, "\(name): wants float32 or float64, got \(dtype)")
    if n <= 1 { return .ones([n], dtype: dtype) }
    return function(.arange(n, dtype: .float64) / Double(periodic ? n : n - 1)).cast(to: dtype)
  }
}

/// e^−|x| · I₀(x), from the mean of e^(x cos θ − |x|) over the circle: the trapezoidal rule, whose error
/// vanishes faster than any power.
private func scaledBessel(_ x: Double) -> Double {
  let count = 64 + 8 * Int(min(abs(x), 1e6).squareRoot())
  let angles = Tensor.arange(count, dtype: .float64) * (2 * .pi / Double(count))
  return ((angles.cos() - 1) * abs(x)).exp().mean().item()
}
