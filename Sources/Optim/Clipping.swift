import Kernels
import NN

/// Scales all gradients together so that their norm, as if they were one vector, is at most `largest`: PyTorch's
/// `clip_grad_norm_`. Returns the norm before.
///
/// One pass computes the norm, summed in double; a second scales by largest / (norm + 10⁻⁶), only if the norm is
/// larger. `type` is the p of the p-norm; `.infinity` is the largest element. **If the norm is NaN or infinite, the
/// gradients are left as they are**, so that one bad element does not spread: check the result.
///
/// ```swift
/// guard clipGradNorm(net.parameters, to: 1).isFinite else { continue }
/// optimizer.step()
/// ```
@discardableResult
public func clipGradNorm(_ parameters: [Named<Variable>], to largest: Double, type: Double = 2) -> Double {
  require(largest >= 0, "clipGradNorm: the largest norm must not be negative, got \(largest)")
  require(type > 0, "clipGradNorm: the norm's type must be above 0, got \(type)")
  let norm = gradNorm(parameters, type: type)
  let scale = largest / (norm + 1e-6)
  if norm.isFinite && scale < 1 { scaleGradients(parameters, by: scale) }
  return norm
}

/// Scales each gradient separately so that its norm is at most `largest`. Gradients whose norm is NaN or infinite stay.
///
/// Returns the norms before, nil for a parameter without a gradient.
@discardableResult
public func clipEachGradNorm(_ parameters: [Named<Variable>], to largest: Double, type: Double = 2) -> [Double?] {
  parameters.map { $0.element.grad == nil ? nil : clipGradNorm([$0], to: largest, type: type) }
}

/// Clamps every element of every gradient to −`largest`...`largest`: PyTorch's `clip_grad_value_`. NaN stays NaN.
public func clipGradValue(_ parameters: [Named<Variable>], to largest: Double) {
  require(largest >= 0, "clipGradValue: the largest value must not be negative, got \(largest)")
  changeGradients(parameters) { $0 = $0.clamp(min: -largest, max: largest) }
}

/// The norm of all gradients as one vector, 0 if there are none; NaN or infinite if an element is.
public func gradNorm(_ parameters: [Named<Variable>], type: Double = 2) -> Double {
  let gradients = parameters.compactMap { $0.element.grad?.value }
  switch type {
  case .infinity:
    return gradients.map { magnitude($0, AG_LARGEST) }.reduce(0) { $1.isNaN || $1 > $0 ? $1 : $0 }
  case 1: return gradients.map { magnitude($0, AG_SUM) }.reduce(0, +)
  case 2: return gradients.map { magnitude($0, AG_SUM_SQUARES) }.reduce(0, +).squareRoot()
  default:
    let powers = gradients.map { $0.cast(to: .float64).abs().pow(type).sum().item() }
    return pow(powers.reduce(0, +), 1 / type)
  }
}

/// The magnitude of a tensor's elements, in one pass.
func magnitude(_ x: Tensor, _ kind: ag_magnitude_kind) -> Double {
  x.contiguous().withPointer { ag_magnitude(kind, x.dtype.kernel, x.elementCount, $0) }
}

private func scaleGradients(_ parameters: [Named<Variable>], by scale: Double) {
  changeGradients(parameters) { $0 *= scale }
}

/// Changes the gradients' values, in place if nothing else references them. A gradient's own graph is dropped.
private func changeGradients(_ parameters: [Named<Variable>], _ change: (inout Tensor) -> Void) {
  for parameter in parameters {
    guard let gradient = parameter.element.grad else { continue }
    if gradient.isLeaf {
      change(&gradient.value)
    } else {
      var value = gradient.value
      change(&value)
      parameter.element.grad = Variable(value)
    }
  }
}
