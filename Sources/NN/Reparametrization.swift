// Layers whose weight is computed from other parameters before every call. Names follow PyTorch's
// `torch.nn.utils.parametrizations`, so that its files load: `bias`, `parametrizations.weight.original0`, …

/// The base of layers that compute the weight of another layer.
public class Reparametrization: Module {
  /// The layer whose weight is computed; its own parameter `weight` is no longer in use.
  private let layer: Hidden
  /// The layer's other parameters and buffers, under their names.
  private let others: [String: Variable]
  private let parametrizations: Parametrizations

  fileprivate init(_ layer: Module, _ parts: Parts) {
    guard let weight = layer.weightParameter else {
      stop("\(Self.self): wants a layer with a parameter named weight, got \(layer.summary)")
    }
    self.layer = Hidden(layer, weight)
    others = Dictionary(
      uniqueKeysWithValues: layer.walked().variables.filter { $0.element !== weight }.map { ($0.name, $0.element) })
    parametrizations = Parametrizations(parts)
  }

  /// The weight for the next call.
  fileprivate func weight() -> Variable { stop("has no rule; make a WeightNorm or a SpectralNorm") }

  public final override func forward(_ x: Variable) -> Variable {
    layer.module.isTraining = isTraining
    let weight = weight().snapshot
    layer.weight.exchange(with: weight)
    defer { layer.weight.exchange(with: weight) }
    return layer.module(x)
  }

  public final override func pathName(ofProperty label: String) -> String? {
    label == "others" ? nil : super.pathName(ofProperty: label)
  }

  public final override var summary: String { "\(type(of: self)) of \(layer.module.summary)" }
  public final override func multiplyAdds(input: Shape, output: Shape) -> Int {
    layer.module.multiplyAdds(input: input, output: output)
  }
}

/// A layer that is not found among a model's parts.
private struct Hidden: CustomReflectable {
  let module: Module
  let weight: Variable

  init(_ module: Module, _ weight: Variable) { (self.module, self.weight) = (module, weight) }
  var customMirror: Mirror { Mirror(self, children: []) }
}

private final class Parametrizations: Module {
  let weight: Parts
  init(_ weight: Parts) { self.weight = weight }
}

/// What a weight is computed from.
private class Parts: Module {}

extension Module {
  fileprivate var weightParameter: Variable? { walked(depth: 1).variables.first { $0.name == "weight" }?.element }
}

// MARK: - Weight normalization

/// A layer whose weight has its length and its direction as separate parameters: w = g · v / ‖v‖ for each output.
///
/// `WeightNorm(Linear(3, 4))` is called as the layer is. g is `parametrizations.weight.original0` [out, 1, …]
/// and starts as the length of the layer's weight; v is `original1` and starts as the weight. Salimans and
/// Kingma 2016; PyTorch's `parametrizations.weight_norm`.
public final class WeightNorm: Reparametrization {
  private final class Direction: Parts {
    let original0, original1: Variable
    init(_ lengths: Tensor, _ weight: Tensor) {
      original0 = Variable(lengths, requiresGrad: true)
      original1 = Variable(weight, requiresGrad: true)
    }
  }

  private let parts: UnownedParts<Direction>
  private let axes: [Int]?

  /// Wraps a layer that has a parameter `weight`. Each position along `axis` has a length of its own; with
  /// nil the whole weight has one.
  public init(_ layer: Module, axis: Int? = 0) {
    let weight = layer.weightParameter?.value ?? .zeros([1])
    let along = axis.map { weight.shape.checkedAxis($0, op: "WeightNorm") }
    axes = along.map { along in (0..<weight.rank).filter { $0 != along } }
    let lengths = Variable(weight).norm(axes: axes, keepDims: axis != nil).value
    let direction = Direction(lengths, weight)
    parts = UnownedParts(direction)
    super.init(layer, direction)
  }

  fileprivate override func weight() -> Variable {
    let (g, v) = (parts.value.original0, parts.value.original1)
    return v * (g / v.norm(axes: axes, keepDims: axes != nil))
  }
}

// MARK: - Spectral normalization

/// A layer whose weight is divided by its largest singular value: w / σ, of the weight as a matrix [out, rest].
///
/// σ = uᵀ w v. In training each call improves u and v, estimates of the singular vectors, by a power iteration, without
/// gradient. They are the buffers `parametrizations.weight.0._u` [out] and `_v` [rest]; the weight is
/// `parametrizations.weight.original`. Miyato et al. 2018; PyTorch's `parametrizations.spectral_norm`.
public final class SpectralNorm: Reparametrization {
  private final class Iteration: Module {
    let u, v: Variable
    init(_ u: Tensor, _ v: Tensor) { (self.u, self.v) = (Variable(u), Variable(v)) }
    override func pathName(ofProperty label: String) -> String? { "_" + label }
  }

  private final class Original: Parts {
    let original: Variable
    let steps: [Iteration]
    init(_ weight: Tensor, _ iteration: Iteration) {
      (original, steps) = (Variable(weight, requiresGrad: true), [iteration])
    }
    override func pathName(ofProperty label: String) -> String? { label == "steps" ? nil : label }
  }

  private let parts: UnownedParts<Original>
  private let iterations: Int
  private let axis: Int
  private let epsilon: Double

  /// Creates the layer from one with a weight, with 15 iterations from random vectors. `axis` is that of the
  /// outputs: by default 1 for transposed convolutions, else 0.
  public init(
    _ layer: Module, iterations: Int = 1, axis: Int? = nil, epsilon: Double = 1e-12,
    generator: RandomGenerator = .default
  ) {
    require(iterations > 0, "SpectralNorm: wants at least one iteration, got \(iterations)")
    let weight = layer.weightParameter?.value ?? .zeros([1, 1])
    require(weight.rank >= 2, "SpectralNorm: wants a weight of at least two axes, got \(weight.shape)")
    let isTransposed = layer is ConvTranspose1D || layer is ConvTranspose2D || layer is ConvTranspose3D
    self.axis = weight.shape.checkedAxis(axis ?? (isTransposed ? 1 : 0), op: "SpectralNorm")
    let outputs = weight.shape[self.axis]
    func random(_ count: Int) -> Tensor { .randomNormal([count], dtype: weight.dtype, generator: generator) }
    let original = Original(weight, Iteration(random(outputs), random(weight.elementCount / Swift.max(outputs, 1))))
    (self.iterations, self.epsilon, parts) = (iterations, epsilon, UnownedParts(original))
    super.init(layer, original)
    iterate(15)
  }

  /// The weight as a matrix [out, rest].
  private var matrix: Variable {
    let w = parts.value.original
    let turned = axis == 0 ? w : w.permute([axis] + (0..<w.rank).filter { $0 != axis })
    return turned.reshape([w.shape[axis], -1])
  }

  private func iterate(_ count: Int) {
    let (w, step) = (matrix.detach(), parts.value.steps[0])
    for _ in 0..<count {
      step.u.value = (w • step.v).normalize(axis: 0, epsilon: epsilon).value
      step.v.value = (w.transpose() • step.u).normalize(axis: 0, epsilon: epsilon).value
    }
  }

  fileprivate override func weight() -> Variable {
    // A checkpoint that runs again has iterated before.
    if isTraining, !Tape.isRecomputing { iterate(iterations) }
    let step = parts.value.steps[0]
    let (u, v) = (Variable(step.u.value), Variable(step.v.value))
    return parts.value.original / u.dot(matrix • v)
  }
}

/// Parts that are found by their path already.
private struct UnownedParts<Value: Module>: CustomReflectable {
  let value: Value
  init(_ value: Value) { self.value = value }
  var customMirror: Mirror { Mirror(self, children: []) }
}
