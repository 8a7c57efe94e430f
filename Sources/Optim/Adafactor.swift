import Kernels
import NN

/// Adam's scaling with the memory of rows and columns only. Shazeer and Stern 2018, algorithms 4 and 5.
///
/// For parameters [..., R, C] two means of g² are kept, [..., R, 1] over columns and [..., 1, C] over rows, with the
/// share t^β of each gradient (β is `decayPower`); v = row · column / mean(row). For vectors v is kept whole. Then u =
/// g / max(√v, ε₁), u ← u / max(1, rms(u) / clip), p ← p − min(learningRate, 1/√t) · max(ε₂, rms(p)) · u. Weight decay
/// is decoupled: p ← (1 − learningRate · weightDecay) p. As in PyTorch.
public final class Adafactor: Optimizer {
  /// The exponent of the step number that decides how much a new gradient counts; not positive.
  public let decayPower: Double
  /// The smallest root of the mean square; nil for the type's machine epsilon, 1.2e-7 or 2.2e-16.
  public let epsilon1: Double?
  /// The smallest root mean square of a parameter that scales its step.
  public let epsilon2: Double
  /// The largest root mean square of an update.
  public let clip: Double

  /// Creates an optimizer of these parameters, with PyTorch's defaults.
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

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    if p.rank < 2 { return State(["v"], zerosLike: p) }
    return State([
      "row": .zeros(p.shape.replacing(axis: p.rank - 1, with: 1), dtype: p.dtype),
      "column": .zeros(p.shape.replacing(axis: p.rank - 2, with: 1), dtype: p.dtype),
    ])
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    if p.elementCount == 0 { return }  // no means exist
    let least = least(p.dtype)
    let share = pow(Double(s.step), decayPower)
    let v: Tensor
    if p.rank < 2 {
      s["v"] += share * (g * g - s["v"])
      v = s["v"]
    } else {
      s["row"] += share * ((g * g).mean(axes: [-1], keepDims: true) - s["row"])
      s["column"] += share * ((g * g).mean(axes: [-2], keepDims: true) - s["column"])
      v = s["row"] / max(s["row"].mean(axes: [-2], keepDims: true), least) * s["column"]
    }
    let u = g / sqrt(max(v, floor(p.dtype)))
    p -= size(s.step, learningRate, rms(p), rms(u)) * u
  }

  /// The same, with no temporary as large as the parameter except the update.
  override func fusedStep(_ slot: Slot, _ gradient: Tensor, _ group: ParameterGroup) {
    let (p, g) = (slot.variable.value, gradient.contiguous())
    if p.elementCount == 0 { return }
    let share = pow(Double(slot.state.step), decayPower)
    var factors: (row: Tensor, column: Tensor)
    if p.rank < 2 {
      slot.state["v"] += share * (g.square() - slot.state["v"])
      factors = (.ones([1], dtype: p.dtype), slot.state["v"])
    } else {
      for (name, axis) in [("row", p.rank - 1), ("column", p.rank - 2)] {
        let mean = g.reduced(.sumOfSquares, axes: [axis], keepDims: true) / p.shape[axis]
        slot.state[name] += share * (mean - slot.state[name])
      }
      let row = slot.state["row"]
      factors = (row / max(row.mean(axes: [-2], keepDims: true), least(p.dtype)), slot.state["column"])
    }
    var u = scaled(g, factors.row, factors.column)
    let size = size(slot.state.step, group.learningRate, rms(p), rms(u))
    let rates = ag_sgd_rates(lr: size, keep: 0, fresh: 1, momentum: 0, nesterov: false)
    u.withMutablePointer { u in
      slot.variable.tensor.withMutablePointer { p in
        var step = ag_optim_step(
          type: gradient.dtype.kernel, n: gradient.elementCount, p: p, g: u, state: (nil, nil, nil), sign: 1, decay: 0,
          shrink: 1 - group.learningRate * group.weightDecay)
        ag_sgd_step(&step, rates)
      }
    }
  }

  override var hasKernel: Bool { true }

  /// ±g / max(√(row · column), ε₁).
  private func scaled(_ g: Tensor, _ row: Tensor, _ column: Tensor) -> Tensor {
    let rows = g.rank < 2 ? 1 : g.shape[g.rank - 2]
    let columns = g.rank < 2 ? g.elementCount : g.shape[g.rank - 1]
    let u = Tensor(uninitialized: g.shape, dtype: g.dtype)
    g.withPointer { g in
      row.contiguous().withPointer { row in
        column.contiguous().withPointer { column in
          u.withWritablePointer {
            ag_factored_scale(
              u.dtype.kernel, u.elementCount / (rows * columns), rows, columns, g, row, column, maximize ? -1 : 1,
              floor(u.dtype), $0)
          }
        }
      }
    }
    return u
  }

  private func size(_ step: Int, _ learningRate: Double, _ ofParameter: Double, _ ofUpdate: Double) -> Double {
    min(learningRate, 1 / sqrt(Double(step))) * max(epsilon2, ofParameter) / max(1, ofUpdate / clip)
  }

  private func least(_ type: DType) -> Double {
    epsilon1 ?? (type == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne)
  }

  /// ε₁², but above 0 if that is too small for the type, because v may be 0 where g is.
  private func floor(_ type: DType) -> Double {
    let smallest = type == .float32 ? Double(Float.leastNormalMagnitude) : .leastNormalMagnitude
    return max(least(type) * least(type), smallest)
  }

  private func rms(_ x: Tensor) -> Double {
    sqrt(magnitude(x, AG_SUM_SQUARES) / Double(x.elementCount))
  }
}
