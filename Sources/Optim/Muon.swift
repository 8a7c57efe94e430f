import Kernels
import NN

/// Momentum with orthogonalized steps, so that all directions of a matrix change equally. Jordan et al. 2024. For the
/// weight matrices of hidden layers; use another optimizer, such as `AdamW`, for biases, embeddings and the last layer.
///
/// ```swift
/// let matrices = net.parameters.filter { $0.element.rank == 2 }
/// let others = net.parameters.filter { $0.element.rank != 2 }
/// let optimizers = [Muon(matrices, learningRate: 0.02), AdamW(others)]
/// ```
///
/// b ← μ b + (1 − μ) g; u = b, or with Nesterov's correction (1 − μ) g + μ b; X = u / max(‖u‖, ε), then `iterations`
/// times X ← a X + (b A + c A²) X with A = X Xᵀ (Newton and Schulz's way to U Vᵀ of u = U Σ Vᵀ), for the transposed
/// matrix where that has fewer rows; p ← p − learningRate · scale · X. Weight decay is decoupled. PyTorch's Muon, which
/// iterates in bfloat16; here the iteration is done in the parameters' type.
public final class Muon: Optimizer {
  /// How the step is scaled for a matrix of shape [R, C].
  public enum Scale: Sendable {
    /// √max(1, R / C), as in the first Muon.
    case byRows
    /// 0.2 √max(R, C): elements change by as much as with AdamW, so its learning rates fit (Liu et al.
    /// 2025). PyTorch's `match_rms_adamw`.
    case likeAdamW

    func factor(_ shape: Shape) -> Double {
      let (rows, columns) = (Double(shape[0]), Double(shape[1]))
      switch self {
      case .byRows: return rows > columns ? sqrt(rows / columns) : 1
      case .likeAdamW: return 0.2 * sqrt(Swift.max(rows, columns))
      }
    }
  }

  /// How much of the last step's direction is kept, from 0 up to 1. May change between steps.
  @exclusivity(unchecked) public var momentum: Double {
    didSet { Self.checkFraction("momentum", momentum) }
  }
  /// Whether the gradient is corrected by looking ahead.
  public let nesterov: Bool
  /// a, b and c of the iteration.
  public let coefficients: (Double, Double, Double)
  /// The smallest norm that a step is divided by.
  public let epsilon: Double
  /// The number of iterations.
  public let iterations: Int
  /// How the step is scaled for a matrix's shape.
  public let scale: Scale

  /// Creates an optimizer of these parameters, which must be matrices, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-3, momentum: Double = 0.95, nesterov: Bool = true,
    coefficients: (Double, Double, Double) = (3.4445, -4.775, 2.0315), epsilon: Double = 1e-7, iterations: Int = 5,
    scale: Scale = .byRows, weightDecay: Double = 0.1, maximize: Bool = false
  ) {
    Self.checkFraction("momentum", momentum)
    Self.checkSize("epsilon", epsilon)
    require(iterations >= 0, "Muon: iterations must not be negative, got \(iterations)")
    for parameter in parameters { Self.checkMatrix(parameter.element.value) }
    self.momentum = momentum
    self.nesterov = nesterov
    self.coefficients = coefficients
    self.epsilon = epsilon
    self.iterations = iterations
    self.scale = scale
    super.init(
      parameters, learningRate: learningRate, weightDecay: weightDecay, decouplesWeightDecay: true, maximize: maximize)
  }

  private static func checkMatrix(_ p: Tensor) {
    require(p.rank == 2, "Muon: parameters must be matrices, got shape \(p.shape); give others to another optimizer")
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    Self.checkMatrix(p)  // for groups that are added later
    return State(["momentum"], zerosLike: p)
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    s["momentum"] = momentum * s["momentum"] + (1 - momentum) * g
    let move = nesterov ? (1 - momentum) * g + momentum * s["momentum"] : s["momentum"]
    p -= learningRate * scale.factor(p.shape) * orthogonalized(move)
  }

  /// Approximately U Vᵀ for a matrix U Σ Vᵀ: the singular values end up near 1.
  private func orthogonalized(_ u: Tensor) -> Tensor {
    let (a, b, c) = coefficients
    let isTall = u.shape[0] > u.shape[1]
    var x = (isTall ? u.transpose() : u) / max(sqrt(magnitude(u, AG_SUM_SQUARES)), epsilon)
    for _ in 0..<iterations {
      let gram = x • x.transpose()
      x = a * x + (b * gram + c * (gram • gram)) • x
    }
    return isTall ? x.transpose() : x
  }
}
