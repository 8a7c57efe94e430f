import NN
import Optim

/// Our counterpart of PyTorch's optimizer.
func optimizer(_ a: Arguments, _ parameters: [Named<Variable>]) throws -> Optimizer? {
  let maximize = a.bool("maximize")
  let decay = a.double("weight_decay", default: a.op == "AdamW" ? 0.01 : 0)
  switch a.op {
  case "SGD":
    return SGD(
      parameters, learningRate: a.rate(1e-3), momentum: a.double("momentum", default: 0),
      dampening: a.double("dampening", default: 0), weightDecay: decay, nesterov: a.bool("nesterov"),
      maximize: maximize)
  case "RMSprop":
    return RMSprop(
      parameters, learningRate: a.rate(1e-2), alpha: a.double("alpha", default: 0.99), epsilon: a.epsilon(1e-8),
      momentum: a.double("momentum", default: 0), centered: a.bool("centered"), weightDecay: decay, maximize: maximize)
  case "Adagrad":
    return Adagrad(
      parameters, learningRate: a.rate(1e-2), learningRateDecay: a.double("lr_decay", default: 0),
      initialSum: a.double("initial_accumulator_value", default: 0), epsilon: a.epsilon(1e-10), weightDecay: decay,
      maximize: maximize)
  case "Adadelta":
    return Adadelta(
      parameters, learningRate: a.rate(1), rho: a.double("rho", default: 0.9), epsilon: a.epsilon(1e-6),
      weightDecay: decay, maximize: maximize)
  case "Rprop":
    let (etas, sizes) = (try a.pair("etas", [0.5, 1.2]), try a.pair("step_sizes", [1e-6, 50]))
    return Rprop(
      parameters, learningRate: a.rate(1e-2), shrinkage: etas.0, growth: etas.1, sizes: sizes.0...sizes.1,
      maximize: maximize)
  case "ASGD":
    return ASGD(
      parameters, learningRate: a.rate(1e-2), lambda: a.double("lambd", default: 1e-4),
      alpha: a.double("alpha", default: 0.75), start: a.double("t0", default: 1e6), weightDecay: decay,
      maximize: maximize)
  case "Adafactor":
    let epsilons = a.adafactorEpsilons
    return Adafactor(
      parameters, learningRate: a.rate(1e-2), decayPower: a.double("beta2_decay", default: -0.8), epsilon1: epsilons.0,
      epsilon2: epsilons.1, clip: a.double("d", default: 1), weightDecay: decay, maximize: maximize)
  case "Muon": return try muon(a, parameters)
  case "LBFGS": return try quasiNewton(a, parameters)
  default: return try adaptive(a, parameters, decay: decay, maximize: maximize)
  }
}

/// Adam and its variants.
private func adaptive(
  _ a: Arguments, _ parameters: [Named<Variable>], decay: Double, maximize: Bool
) throws -> Optimizer? {
  let (beta1, beta2) = try a.pair("betas", [0.9, 0.999])
  switch a.op {
  case "Adam":
    return Adam(
      parameters, learningRate: a.rate(1e-3), beta1: beta1, beta2: beta2, epsilon: a.epsilon(1e-8), weightDecay: decay,
      decouplesWeightDecay: a.bool("decoupled_weight_decay"), amsgrad: a.bool("amsgrad"), maximize: maximize)
  case "AdamW":
    return AdamW(
      parameters, learningRate: a.rate(1e-3), beta1: beta1, beta2: beta2, epsilon: a.epsilon(1e-8), weightDecay: decay,
      amsgrad: a.bool("amsgrad"), maximize: maximize)
  case "Adamax":
    return Adamax(
      parameters, learningRate: a.rate(2e-3), beta1: beta1, beta2: beta2, epsilon: a.epsilon(1e-8), weightDecay: decay,
      maximize: maximize)
  case "NAdam":
    return NAdam(
      parameters, learningRate: a.rate(2e-3), beta1: beta1, beta2: beta2, epsilon: a.epsilon(1e-8),
      momentumDecay: a.double("momentum_decay", default: 4e-3), weightDecay: decay,
      decouplesWeightDecay: a.bool("decoupled_weight_decay"), maximize: maximize)
  case "RAdam":
    return RAdam(
      parameters, learningRate: a.rate(1e-3), beta1: beta1, beta2: beta2, epsilon: a.epsilon(1e-8), weightDecay: decay,
      decouplesWeightDecay: a.bool("decoupled_weight_decay"), maximize: maximize)
  default: return nil
  }
}

private func muon(_ a: Arguments, _ parameters: [Named<Variable>]) throws -> Optimizer {
  let coefficients = a.optionalDoubles("ns_coefficients") ?? [3.4445, -4.775, 2.0315]
  guard coefficients.count == 3 else { throw Complaint("ns_coefficients are not three numbers") }
  return Muon(
    parameters, learningRate: a.rate(1e-3), momentum: a.double("momentum", default: 0.95),
    nesterov: a.bool("nesterov", default: true), coefficients: (coefficients[0], coefficients[1], coefficients[2]),
    epsilon: a.epsilon(1e-7), iterations: a.int("ns_steps", default: 5),
    scale: a.optionalString("adjust_lr_fn") == "match_rms_adamw" ? .likeAdamW : .byRows,
    weightDecay: a.double("weight_decay", default: 0.1))
}

private func quasiNewton(_ a: Arguments, _ parameters: [Named<Variable>]) throws -> Optimizer {
  let search = a.optionalString("line_search_fn")
  guard search == nil || search == "strong_wolfe" else { throw Complaint("line search \(search ?? "") is not known") }
  return LBFGS(
    parameters, learningRate: a.rate(1), maxIterations: a.int("max_iter", default: 20),
    maxEvaluations: a.optionalInt("max_eval"), gradientTolerance: a.double("tolerance_grad", default: 1e-7),
    changeTolerance: a.double("tolerance_change", default: 1e-9), historySize: a.int("history_size", default: 100),
    lineSearch: search == nil ? nil : .strongWolfe)
}

extension Arguments {
  fileprivate func rate(_ value: Double) -> Double { double("lr", default: value) }
  fileprivate func epsilon(_ value: Double) -> Double { double("eps", default: value) }

  fileprivate func pair(_ name: String, _ values: [Double]) throws -> (Double, Double) {
    let pair = optionalDoubles(name) ?? values
    guard pair.count == 2 else { throw Complaint("\(name) are not two numbers") }
    return (pair[0], pair[1])
  }

  /// The first one may be null.
  fileprivate var adafactorEpsilons: (Double?, Double) {
    let pair = optionalDoubles("eps", orNone: .nan) ?? [.nan, 1e-3]
    return (pair[0].isNaN ? nil : pair[0], pair[1])
  }
}
