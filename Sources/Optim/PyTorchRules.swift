import NN

/// A rule that PyTorch has, too: what its `state_dict` calls the rule's options and tensors.
protocol PyTorchRule: Optimizer {
  /// The options of a group in `param_groups`, as this rule has them; nil for one that only a similar rule has.
  var savedOptions: KeyValuePairs<String, SavedOption?> { get }
  /// For each name in the state of a parameter the name of our tensor, `step` for the number of steps; nil for
  /// what is not needed here.
  var savedNames: [String: String?] { get }
  /// Our `ownState` of what PyTorch saves as the state of the first parameter.
  func ownState(fromPyTorch entry: TorchArchive.Value) throws -> [String: Tensor]
}

extension PyTorchRule {
  func ownState(fromPyTorch entry: TorchArchive.Value) throws -> [String: Tensor] { [:] }
}

/// The value of an option in a `state_dict`.
enum SavedOption: Equatable, CustomStringConvertible {
  case nothing
  case flag(Bool)
  case number(Double)
  case text(String)
  case numbers([Double?])

  /// What is saved, if it is of these kinds.
  init?(_ value: TorchArchive.Value) {
    if !value.exists {
      self = .nothing
    } else if let flag = try? value.bool {
      self = .flag(flag)
    } else if let number = try? value.number {
      self = .number(number)
    } else if let text = try? value.text {
      // Muon's `adjust_lr_fn` has two names for its default.
      self = text == "original" ? .nothing : .text(text)
    } else if let elements = try? value.elements {
      self = .numbers(elements.map { try? $0.number })
    } else {
      return nil
    }
  }

  /// The momentum, where it is the first number of an option.
  var momentum: Double? {
    switch self {
    case .number(let number): number
    case .numbers(let numbers): numbers.first ?? nil
    default: nil
    }
  }

  /// The option with another momentum.
  func replacing(momentum: Double) -> SavedOption {
    if case .numbers(let numbers) = self { .numbers([momentum] + numbers.dropFirst()) } else { .number(momentum) }
  }

  var description: String {
    switch self {
    case .nothing: "none"
    case .flag(let flag): "\(flag)"
    case .number(let number): "\(number)"
    case .text(let text): text
    case .numbers(let numbers): numbers.map { $0.map { "\($0)" } ?? "none" }.joined(separator: ", ")
    }
  }
}

// MARK: - Gradient descent

extension SGD: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["momentum": .number(momentum), "dampening": .number(dampening), "nesterov": .flag(nesterov)]
  }
  var savedNames: [String: String?] { ["momentum_buffer": "momentum"] }
}

extension ASGD: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["lambd": .number(lambda), "alpha": .number(alpha), "t0": .number(start)]
  }
  // μ follows from the number of steps.
  var savedNames: [String: String?] { ["step": "step", "eta": "eta", "mu": nil, "ax": "average"] }
}

extension Muon: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    [
      "momentum": .number(momentum), "nesterov": .flag(nesterov), "eps": .number(epsilon),
      "ns_coefficients": .numbers([coefficients.0, coefficients.1, coefficients.2]),
      "ns_steps": .number(Double(iterations)), "adjust_lr_fn": scale.savedName,
    ]
  }
  var savedNames: [String: String?] { ["momentum_buffer": "momentum"] }
}

extension Muon.Scale {
  fileprivate var savedName: SavedOption {
    switch self {
    case .byRows: .nothing
    case .likeAdamW: .text("match_rms_adamw")
    }
  }
}

// MARK: - Adaptive rates

extension Adam: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["betas": .numbers([beta1, beta2]), "eps": .number(epsilon), "amsgrad": .flag(amsgrad)]
  }
  var savedNames: [String: String?] {
    ["step": "step", "exp_avg": "m", "exp_avg_sq": "v"].merging(amsgrad ? ["max_exp_avg_sq": "vMax"] : [:]) { $1 }
  }
}

extension NAdam: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["betas": .numbers([beta1, beta2]), "eps": .number(epsilon), "momentum_decay": .number(momentumDecay)]
  }
  var savedNames: [String: String?] {
    ["step": "step", "exp_avg": "m", "exp_avg_sq": "v", "mu_product": "product"]
  }
}

extension RAdam: PyTorchRule {
  // Adam's state has the same names; that it has an option more tells them apart.
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["betas": .numbers([beta1, beta2]), "eps": .number(epsilon), "amsgrad": nil]
  }
  var savedNames: [String: String?] { ["step": "step", "exp_avg": "m", "exp_avg_sq": "v"] }
}

extension Adamax: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["betas": .numbers([beta1, beta2]), "eps": .number(epsilon)]
  }
  var savedNames: [String: String?] { ["step": "step", "exp_avg": "m", "exp_inf": "u"] }
}

extension Adagrad: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    [
      "lr_decay": .number(learningRateDecay), "initial_accumulator_value": .number(initialSum), "eps": .number(epsilon),
    ]
  }
  var savedNames: [String: String?] { ["step": "step", "sum": "sum"] }
}

extension Adadelta: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> { ["rho": .number(rho), "eps": .number(epsilon)] }
  var savedNames: [String: String?] { ["step": "step", "square_avg": "v", "acc_delta": "u"] }
}

extension RMSprop: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["alpha": .number(alpha), "eps": .number(epsilon), "centered": .flag(centered), "momentum": .number(momentum)]
  }
  var savedNames: [String: String?] {
    var names = ["step": "step", "square_avg": "v"]
    if centered { names["grad_avg"] = "mean" }
    if momentum != 0 { names["momentum_buffer"] = "momentum" }
    return names
  }
}

extension Rprop: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["etas": .numbers([shrinkage, growth]), "step_sizes": .numbers([sizes.lowerBound, sizes.upperBound])]
  }
  var savedNames: [String: String?] { ["step": "step", "prev": "previous", "step_size": "size"] }
}

extension Adafactor: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    ["beta2_decay": .number(decayPower), "eps": .numbers([epsilon1, epsilon2]), "d": .number(clip)]
  }
  var savedNames: [String: String?] {
    ["step": "step", "row_var": "row", "col_var": "column", "variance": "v"]
  }
}

// MARK: - Second order

extension LBFGS: PyTorchRule {
  var savedOptions: KeyValuePairs<String, SavedOption?> {
    [
      "max_iter": .number(Double(maxIterations)), "max_eval": .number(Double(maxEvaluations)),
      "tolerance_grad": .number(gradientTolerance), "tolerance_change": .number(changeTolerance),
      "history_size": .number(Double(historySize)),
      "line_search_fn": lineSearch == nil ? .nothing : .text("strong_wolfe"),
    ]
  }
  /// All of it is of the first parameter, and read as a whole.
  var savedNames: [String: String?] {
    let names = [
      "func_evals", "n_iter", "al", "d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss",
    ]
    return Dictionary(uniqueKeysWithValues: names.map { ($0, nil) })
  }

  func ownState(fromPyTorch entry: TorchArchive.Value) throws -> [String: Tensor] {
    guard entry.exists else { return ["iterations": Tensor(0 as Int), "pairs": Tensor(0 as Int)] }
    let type = parameters[0].element.dtype
    let (changes, moves) = (try entry["old_dirs"].elements, try entry["old_stps"].elements)
    var state = ["iterations": Tensor(try entry["n_iter"].integer), "pairs": Tensor(changes.count)]
    for (number, change) in changes.enumerated() { state["y/\(number)"] = try change.tensor.cast(to: type) }
    for (number, move) in moves.enumerated() { state["s/\(number)"] = try move.tensor.cast(to: type) }
    if entry["d"].exists {
      state["move"] = try entry["t"].number * entry["d"].tensor.cast(to: type)
      state["gradient"] = try entry["prev_flat_grad"].tensor.cast(to: type)
    }
    return state
  }
}
