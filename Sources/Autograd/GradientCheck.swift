// Checks derivatives against finite differences of the function itself. All of this computes in float64.

/// The largest relative difference of two tensors: max |a − b| / max(10⁻⁸, |a| + |b|), element by element.
///
/// The measure of CS231n's notebooks. 0 for tensors without elements. Stops when shapes differ.
public func relativeError(_ a: Tensor, _ b: Tensor) -> Double {
  require(a.shape == b.shape, "relativeError: shapes \(a.shape) and \(b.shape) differ")
  let pairs = zip(a.scalars(as: Double.self), b.scalars(as: Double.self))
  return largest(
    pairs.lazy.map { a, b in a == b ? 0 : Swift.abs(a - b) / Swift.max(1e-8, Swift.abs(a) + Swift.abs(b)) })
}

/// The largest error, 0 without any; NaN if any is NaN.
private func largest(_ errors: some Sequence<Double>) -> Double {
  errors.reduce(0) { $0.isNaN || $1 <= $0 ? $0 : $1 }
}

/// The gradient of Σ f(x) · upstream with respect to x, by central differences in float64.
///
/// `f'(x) ≈ (f(x + h) − f(x − h)) / 2h` for each element of x; `upstream` is 1 unless given. The counterpart of
/// CS231n's `eval_numerical_gradient_array`.
public func numericalGradient(
  _ f: (Tensor) -> Tensor, at x: Tensor, upstream: Tensor? = nil, step: Double = 1e-5
) -> Tensor {
  differences(at: x) { moved in
    func value(_ distance: Double) -> Double {
      let y = f(moved(distance)).cast(to: .float64)
      if let upstream {
        require(
          upstream.shape == y.shape,
          "numericalGradient: the upstream gradient must have the result's shape \(y.shape), got \(upstream.shape)")
      }
      return (upstream.map { y * $0.cast(to: .float64) } ?? y).sum().item()
    }
    return (value(step) - value(-step)) / (2 * step)
  }
}

/// What a gradient check found.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// For each input, the gradient by the derivative rules.
  public let analytic: [Tensor]
  /// For each input, the gradient by differences.
  public let numeric: [Tensor]
  /// The largest difference of the two in any input, relative to that input's largest gradient (or to 1
  /// when all of them are below 10⁻³).
  public let relativeError: Double

  /// The error, and where it is large both gradients.
  public var description: String {
    relativeError <= 1e-6
      ? "relative error \(relativeError)"
      : "relative error \(relativeError)\nby rules: \(analytic)\nby differences: \(numeric)"
  }
}

/// Checks the gradients of `f` against finite differences, in float64, for a random upstream gradient.
///
/// Differences of fourth order with step `step`: (8 (f₊₁ − f₋₁) − (f₊₂ − f₋₂)) / 12h. Inputs must stay 2h away from
/// kinks. `f` gets the inputs as leaves and may use each any number of times; integers and Booleans arrive as
/// they are, and have no gradient.
/// - Returns: Both gradients and their relative error, which is about 10⁻¹⁰ for a right rule.
public func checkGradients(
  at inputs: [Tensor], step: Double = 1e-3, seed: UInt64 = 7, _ f: ([Variable]) -> Variable
) -> GradientCheck {
  let points = inputs.map { $0.dtype.isFloatingPoint ? $0.cast(to: .float64) : $0 }
  func leaves(_ points: [Tensor]) -> [Variable] {
    points.map { Variable($0, requiresGrad: $0.dtype.isFloatingPoint) }
  }
  let inputs = leaves(points)
  let y = f(inputs)
  let upstream = randomUpstream(like: y.value, seed)
  if y.requiresGrad { y.backward(gradient: upstream) }
  let analytic = zip(inputs, points).map { leaf, point in
    leaf.grad.map(\.value) ?? .zeros(point.shape, dtype: .float64)
  }
  let numeric = points.indices.map { input in
    guard points[input].dtype.isFloatingPoint else { return Tensor.zeros(points[input].shape, dtype: .float64) }
    return differences(at: points[input]) { moved in
      func value(_ distance: Double) -> Double {
        var points = points
        points[input] = moved(distance)
        // Recorded, and not in `withoutGradient`, because f may take derivatives itself.
        return (f(leaves(points)).value * upstream).sum().item()
      }
      return (8 * (value(step) - value(-step)) - (value(2 * step) - value(-2 * step))) / (12 * step)
    }
  }
  let error = largest(zip(analytic, numeric).lazy.map(scaledError))
  return GradientCheck(analytic: analytic, numeric: numeric, relativeError: error)
}

/// Checks the second derivatives of `f` against finite differences of its first, in float64.
///
/// The function checked is the sum of f's gradients, each times a random direction.
public func checkSecondOrder(
  at inputs: [Tensor], step: Double = 1e-3, seed: UInt64 = 11, _ f: ([Variable]) -> Variable
) -> GradientCheck {
  checkGradients(at: inputs, step: step, seed: seed &+ 1) { leaves in
    let y = f(leaves)
    // Squares y, so that linear functions have second derivatives, too, that may be wrong.
    let upstream = Variable(randomUpstream(like: y.value, seed))
    let loss = (y * y * upstream).sum()
    loss.backward(createGraph: true)
    let gradients = leaves.map(\.grad)
    for leaf in leaves { leaf.grad = nil }
    var total = Variable(Tensor.zeros([], dtype: .float64))
    for (number, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      total += (gradient * Variable(randomUpstream(like: gradient.value, seed &+ UInt64(number)))).sum()
    }
    return total
  }
}

/// Random numbers of a value's shape: a plain sum would not see a wrong permutation or flip.
private func randomUpstream(like y: Tensor, _ seed: UInt64) -> Tensor {
  .randomUniform(y.shape, low: -1, high: 1, dtype: .float64, generator: RandomGenerator(seed: seed))
}

/// One derivative for each element; `derivative` gets a function from a distance to x with that element moved so far.
private func differences(at x: Tensor, _ derivative: ((Double) -> Tensor) -> Double) -> Tensor {
  let values = x.scalars(as: Double.self)
  let result = values.indices.map { index in
    derivative { distance in
      var moved = values
      moved[index] += distance
      return Tensor(moved, shape: x.shape)
    }
  }
  return Tensor(result, shape: x.shape)
}

private func scaledError(_ a: Tensor, _ b: Tensor) -> Double {
  if a.elementCount == 0 { return 0 }
  let scale = b.abs().max().item()
  let error = (a - b).abs().max().item()
  return error / (scale > 1e-3 ? scale : 1)
}
