import Autograd

// Rows of the table of ops: elementwise functions, and their misuse.

let moreFunctionRows: [OpRow] =
  plainFunctionRows + specialFunctionRows + moreActivationRows + thresholdRows + pairRows

let moreFunctionDerivatives: [DerivativePart] = []

private let plainFunctionRows: [OpRow] = [
  .unary(.acos, "", -0.9...0.9) { $0.acos() },
  .unary(.asin, "", -0.9...0.9) { $0.asin() },
  .unary(.atan) { $0.atan() },
  .unary(.cosh) { $0.cosh() },
  .unary(.erf) { $0.erf() },
  .unary(.expm1) { $0.expm1() },
  .unary(.log1p, "", -0.8...4) { $0.log1p() },
  .unary(.log2, "", 0.2...4) { $0.log2() },
  .unary(.rsqrt, "", 0.3...4) { $0.rsqrt() },
  .unary(.sinh) { $0.sinh() },
  .unary(.tan, "", -1.2...1.2) { $0.tan() },
]

private let specialFunctionRows: [OpRow] = [
  .unary(.acosh, "", 1.2...4) { $0.acosh() },
  .unary(.asinh) { $0.asinh() },
  .unary(.atanh, "", -0.8...0.8) { $0.atanh() },
  .unary(.digamma, "", 0.4...4) { $0.digamma() },
  .unary(.digamma, "left of 0", -1.7 ... -1.3) { $0.digamma() },
  .unary(.erfc) { $0.erfc() },
  .unary(.erfinv, "", -0.8...0.8) { $0.erfinv() },
  .unary(.exp2) { $0.exp2() },
  .unary(.lgamma, "", 0.4...4) { $0.lgamma() },
  .unary(.lgamma, "left of 0", -1.85 ... -1.15) { $0.lgamma() },
  .unary(.log10, "", 0.2...4) { $0.log10() },
  .unary(.logit, "", 0.2...0.8) { $0.logit() },
  .unary(.logit, "of what is bounded", -0.5...1.5) { $0.logit(epsilon: 0.13) },
  .unary(.polygamma, "0", 0.5...4) { $0.polygamma(0) },
  .unary(.polygamma, "1", 0.5...4) { $0.polygamma(1) },
  .unary(.polygamma, "2, left of 0", -1.6 ... -1.4) { $0.polygamma(2) },
  .unary(.sinc) { $0.sinc() },
]

private let moreActivationRows: [OpRow] = [
  .unary(.celu) { $0.celu() },
  .unary(.celu, "alpha 0.625") { $0.celu(alpha: 0.625) },  // a float32: see celu
  .unary(.clamp, "", -3...3) { $0.clamp(min: -1.05, max: 2.05) },
  .unary(.clamp, "from below") { $0.clamp(min: 0.55) },
  .unary(.clamp, "from above") { $0.clamp(max: 0.55) },
  .unary(.clamp, "hardTanh") { $0.hardTanh(min: -0.55, max: 1.05) },
  .unary(.clamp, "relu6", -3...9) { $0.relu6() },
  .unary(.gelu, "by tanh") { $0.gelu(approximate: .tanh) },
  // Its sixth is PyTorch's, a float32.
  OpRow(.hardSigmoid, "", [[[3, 4]], [[]], [[0, 3]], [[5]]], -5...5, tolerance: 1e-7) { $0[0].hardSigmoid() },
  .unary(.hardSwish, "", -5...5) { $0.hardSwish() },
  .unary(.mish) { $0.mish() },
  .unary(.selu) { $0.selu() },
  .unary(.softplus, "beta 2, threshold 3") { $0.softplus(beta: 2, threshold: 3.3) },
  .unary(.divide, "softsign") { $0.softsign() },
  .unary(.tanhShrink) { $0.tanhShrink() },
]

private let thresholdRows: [OpRow] = [
  .unary(.multiply, "rrelu") { $0.rrelu(generator: RandomGenerator(seed: 5)) },
  .unary(.where, "threshold") { $0.threshold(0.3, -1.5) },
  .unary(.where, "hardShrink") { $0.hardShrink() },
  .unary(.where, "softShrink") { $0.softShrink(0.4) },
  .unary(.where, "nanToNum") { $0.nanToNum() },
  .one(.sigmoid, "glu", [[3, 4], [6], [2, 0]]) { $0.glu() },
  .one(.sigmoid, "glu of the first axis", [[4, 3], [2]]) { $0.glu(axis: 0) },
]

private let pairRows: [OpRow] = [
  .binary(.atan2) { $0.atan2($1) },
  .binary(.hypot) { $0.hypot($1) },
  .binary(.logAddExp) { $0.logAddExp($1) },
  .binary(.xlogy, "", 0.3...2) { $0.xlogy($1) },
  .binary(.lerp) { $0.lerp(to: $1, weight: 0.3) },
  OpRow(.multiply, "lerp", [[[2, 3], [2, 3], [2, 3]], [[2, 3], [3], []], [[], [2], [1]], [[0, 2], [2], []]]) {
    $0[0].lerp(to: $0[1], weight: $0[2])
  },
]

// MARK: - Mistakes

/// Functions of real numbers, each called with integers and with Booleans.
private let realFunctions: [(name: String, function: @Sendable (Variable) -> Variable)] = [
  ("acos", { $0.acos() }), ("asin", { $0.asin() }), ("atan", { $0.atan() }), ("cos", { $0.cos() }),
  ("cosh", { $0.cosh() }), ("erf", { $0.erf() }), ("exp", { $0.exp() }), ("expm1", { $0.expm1() }),
  ("log", { $0.log() }), ("log1p", { $0.log1p() }), ("log2", { $0.log2() }), ("reciprocal", { $0.reciprocal() }),
  ("rsqrt", { $0.rsqrt() }), ("sin", { $0.sin() }), ("sinh", { $0.sinh() }), ("sqrt", { $0.sqrt() }),
  ("tan", { $0.tan() }), ("tanh", { $0.tanh() }), ("sigmoid", { $0.sigmoid() }), ("relu", { $0.relu() }),
  ("elu", { $0.elu() }), ("celu", { $0.celu() }), ("selu", { $0.selu() }), ("gelu", { $0.gelu() }),
  ("silu", { $0.silu() }), ("mish", { $0.mish() }), ("softplus", { $0.softplus() }),
  ("logSigmoid", { $0.logSigmoid() }), ("leakyRelu", { $0.leakyRelu() }), ("hardSigmoid", { $0.hardSigmoid() }),
  ("hardSwish", { $0.hardSwish() }), ("tanhShrink", { $0.tanhShrink() }), ("clamp", { $0.clamp(min: 0) }),
]

let moreFunctionMistakes: [Mistake] =
  realFunctions.flatMap { function in
    [DType.int64, .uint8, .bool].map { type in
      Mistake("\(function.name): wants float32 or float64, got \(type) [2, 3]; convert with cast(to: .float32)") {
        _ = function.function(variable([2, 3], type))
      }
    }
  } + [
    Mistake("clamp: wants a lower bound, an upper bound or both") { _ = variable([2]).clamp() },
    Mistake("hardTanh: the lower bound must be below the upper one, got 1.0 and 1.0") {
      _ = variable([2]).hardTanh(min: 1, max: 1)
    },
    Mistake("celu: alpha must not be 0") { _ = variable([2]).celu(alpha: 0) },
    Mistake("softplus: beta must not be 0") { _ = variable([2]).softplus(beta: 0) },
    Mistake("rrelu: the lower bound must not be above the upper one, got 1.0 and 0.5") {
      _ = variable([2]).rrelu(lower: 1, upper: 0.5)
    },
    Mistake("logit: wants float32 or float64, got bool [2]") { _ = variable([2], .bool).logit() },
    Mistake("logit: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).logit(epsilon: 0.1) },
    Mistake("logit: the bound lies between 0 and ½, got 0.7") { _ = variable([2]).logit(epsilon: 0.7) },
    Mistake("polygamma: the order must not be negative, got -1") { _ = variable([2]).polygamma(-1) },
    Mistake("polygamma: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).polygamma(1) },
    Mistake("polygamma: wants float32 or float64, got uint8 [2]") { _ = variable([2], .uint8).polygamma(2) },
    Mistake("hypot: shapes [2] and [3] do not broadcast together") { _ = variable([2]).hypot(variable([3])) },
    Mistake("hypot: types differ, got float32 [2] and float64 [2]") {
      _ = variable([2]).hypot(variable([2], .float64))
    },
    Mistake("hypot: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).hypot(variable([2])) },
    Mistake("logAddExp: shapes [2] and [3] do not broadcast together") { _ = variable([2]).logAddExp(variable([3])) },
    Mistake("logAddExp: types differ, got float32 [2] and int64 [2]") {
      _ = variable([2]).logAddExp(variable([2], .int64))
    },
    Mistake("logAddExp: wants float32 or float64, got int64 [2]") {
      _ = variable([2], .int64).logAddExp(variable([2]))
    },
    Mistake("xlogy: shapes [2] and [3] do not broadcast together") { _ = variable([2]).xlogy(variable([3])) },
    Mistake("xlogy: types differ, got float32 [2] and float64 [2]") {
      _ = variable([2]).xlogy(variable([2], .float64))
    },
    Mistake("xlogy: wants float32 or float64, got bool [2]") { _ = variable([2], .bool).xlogy(variable([2])) },
    Mistake("atan2: shapes [2] and [3] do not broadcast together") { _ = variable([2]).atan2(variable([3])) },
    Mistake("atan2: types differ, got float32 [2] and float64 [2]") {
      _ = variable([2]).atan2(variable([2], .float64))
    },
    Mistake("atan2: wants float32 or float64, got int64 [2]") {
      _ = variable([2], .int64).atan2(variable([2], .int64))
    },
    Mistake("lerp: shapes [3] and [2] do not broadcast together") {
      _ = variable([3]).lerp(to: variable([2]), weight: 0.5)
    },
  ]
