import Foundation
import NN

// Numbers that need no seed, for comparison with other libraries: f(0), f(1), f(2), …

/// A float64 tensor whose element number i, counted from `start`, is f(i).
func wave(_ f: (Double) -> Double, _ shape: Shape, from start: Int = 0) -> Tensor {
  Tensor((start..<(start + shape.elementCount)).map { f(Double($0)) }, shape: shape)
}

/// Sets all parameters, one after another, to sin(0) / 2, sin(1) / 2, …
func fillWithWaves(_ model: some Model) {
  var at = 0
  for parameter in model.parameters.map(\.element) {
    parameter.value = wave(sin, parameter.shape, from: at) / 2
    at += parameter.elementCount
  }
}

/// Σ value · f(i) over the elements' numbers i: a loss in which every element counts differently.
func waveLoss(_ value: Variable, _ f: (Double) -> Double) -> Variable { (value * Variable(wave(f, value.shape))).sum() }

/// Σ x²; NaN for nil.
func squares(_ x: Tensor?) -> Double { x.map { ($0 * $0).sum().item() } ?? .nan }

/// Σ of the squares of all gradients.
func squaresOfGradients(_ model: some Model) -> Double {
  model.parameters.reduce(0) { $0 + squares($1.element.grad?.value) }
}
