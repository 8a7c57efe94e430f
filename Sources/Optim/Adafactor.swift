import NN

/// Adam's scaling with a memory of rows and columns only. Shazeer and Stern 2018, algorithms 4 and 5.
///
/// For parameters [..., R, C] two means of g² are kept, [..., R, 1] over columns and [..., 1, C] over rows, with the share
/// t^β of each gradient (β is `decayPower`); v = row · column / mean(row). For vectors v is kept whole. Then
/// u = g / max(√v, ε₁), u ← u / max(1, rms(u) / clip), p ← p − min(learningRate, 1/√t) · max(ε₂, rms(p)) · u. Weight decay
/// is decoupled: p ← (1 − learningRate · weightDecay) p. As in PyTorch.
public final class Adafactor: Optimizer {
  /// The power of the step number that says how much a new gradient counts; not positive.
  public let decayPower: Double
  /// The least root of the mean square; nil for the type's distance from 1 to the next number, 1.2e-7 or 2.2e-16.
  public let epsilon1: Double?
  /// The least root mean square of a parameter.
  public let epsilon2: Double
  /// The largest root mean square of an update.
  public let clip: Double

  /// An optimizer over a registry, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-2, decayPower: Double = -0.8, epsilon1: Double? = nil,
    epsilon2: Double = 1e-3, clip: Double = 1, weightDecay: Double = 0, maximize: Bool = false
  ) {
    require(decayPower <= 0, "Adafactor: the decay's power must not be positive, got \(decayPower)")
    Self.checkSize("epsilon1", epsilon1 ?? 0)
    Self.checkSize("epsilon2", epsilon2)
    require(clip >= 1, "Adafactor: clip must be at least 1, got \(clip)")
    self.decayPower = decayPower
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.clip = clip
    super.init(
      parameters, learningRate: learningRate, weightDecay: weightDecay, decouplesWeightDecay: true, maximize: maximize)
  }

  public override func initialState(for p: Tensor) -> State {
    if p.rank < 2 { return State(["v"], zerosLike: p) }
    return State([
      "row": .zeros(p.shape.replacing(axis: p.rank - 1, with: 1), dtype: p.dtype),
      "column": .zeros(p.shape.replacing(axis: p.rank - 2, with: 1), dtype: p.dtype),
    ])
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    if p.elementCount == 0 { return }  // of which there are no means
    let least = epsilon1 ?? (p.dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne)
    let share = pow(Double(s.step), decayPower)
    var v: Tensor
    if p.rank < 2 {
      s["v"] += share * (g * g - s["v"])
      v = s["v"]
    } else {
      s["row"] += share * ((g * g).mean(axes: [-1], keepDims: true) - s["row"])
      s["column"] += share * ((g * g).mean(axes: [-2], keepDims: true) - s["column"])
      v = s["row"] * s["column"] / max(s["row"].mean(axes: [-2], keepDims: true), least)
    }
    let u = g / sqrt(max(v, least * least))
    let size = min(learningRate, 1 / Double(s.step).squareRoot()) * max(epsilon2, rms(p))
    p -= size / max(1, rms(u) / clip) * u
  }

  private func rms(_ x: Tensor) -> Double { (x * x).mean().item().squareRoot() }
}
