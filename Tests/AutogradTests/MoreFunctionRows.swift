import Autograd

// Rows of the table of ops: elementwise functions, and their misuse.

let moreFunctionRows: [OpRow] = plainFunctionRows + moreActivationRows + thresholdRows + pairRows

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
  .unary(.where, "threshold") { $0.threshold(0.3, -1.5) },
  .unary(.where, "hardShrink") { $0.hardShrink() },
  .unary(.where, "softShrink") { $0.softShrink(0.4) },
  .unary(.where, "nanToNum") { $0.nanToNum() },
  .one(.sigmoid, "glu", [[3, 4], [6], [2, 0]]) { $0.glu() },
  .one(.sigmoid, "glu of the first axis", [[4, 3], [2]]) { $0.glu(axis: 0) },
]

private let pairRows: [OpRow] = [
  .binary(.atan2) { $0.atan2($1) },
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
