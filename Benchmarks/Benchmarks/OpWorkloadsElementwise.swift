import NN

/// Unary elementwise ops.
var functionOps: [Workload] {
  [
    unaryOp("neg") { -$0 },
    unaryOp("abs") { $0.abs() },
    forwardOp("sign") { $0.sign() },
    unaryOp("exp") { $0.exp() },
    unaryOp("expm1") { $0.expm1() },
    unaryOp("log", in: 0.1...3) { $0.log() },
    unaryOp("log1p", in: -0.9...3) { $0.log1p() },
    unaryOp("log2", in: 0.1...3) { $0.log2() },
    unaryOp("sqrt", in: 0.1...3) { $0.sqrt() },
    unaryOp("rsqrt", in: 0.1...3) { $0.rsqrt() },
    unaryOp("square") { $0.square() },
    unaryOp("reciprocal", in: 0.1...3) { $0.reciprocal() },
    unaryOp("sin", in: -4...4) { $0.sin() },
    unaryOp("cos", in: -4...4) { $0.cos() },
    unaryOp("tan", in: -1.5...1.5) { $0.tan() },
    unaryOp("asin", in: -0.95...0.95) { $0.asin() },
    unaryOp("acos", in: -0.95...0.95) { $0.acos() },
    unaryOp("atan") { $0.atan() },
    unaryOp("sinh") { $0.sinh() },
    unaryOp("cosh") { $0.cosh() },
    unaryOp("asinh") { $0.asinh() },
    unaryOp("acosh", in: 1.1...4) { $0.acosh() },
    unaryOp("atanh", in: -0.95...0.95) { $0.atanh() },
    unaryOp("exp2") { $0.exp2() },
    unaryOp("log10", in: 0.1...3) { $0.log10() },
    unaryOp("sinc", in: -4...4) { $0.sinc() },
    unaryOp("erfc") { $0.erfc() },
    unaryOp("erfinv", in: -0.95...0.95) { $0.erfinv() },
    unaryOp("logit", in: 0.05...0.95) { $0.logit() },
    unaryOp("lgamma", in: -4...8) { $0.lgamma() },
    unaryOp("digamma", in: -4...8) { $0.digamma() },
    unaryOp("polygamma_1", in: -4...8) { $0.polygamma(1) },
    unaryOp("tanh") { $0.tanh() },
    unaryOp("erf") { $0.erf() },
    unaryOp("sigmoid") { $0.sigmoid() },
    unaryOp("logsigmoid") { $0.logSigmoid() },
    unaryOp("softplus") { $0.softplus() },
    unaryOp("relu") { $0.relu() },
    unaryOp("leaky_relu") { $0.leakyRelu() },
    unaryOp("elu") { $0.elu() },
    unaryOp("selu") { $0.selu() },
    unaryOp("celu") { $0.celu(alpha: 0.7) },
    unaryOp("gelu") { $0.gelu() },
    unaryOp("gelu_tanh") { $0.gelu(approximate: .tanh) },
    unaryOp("silu") { $0.silu() },
    unaryOp("mish") { $0.mish() },
    unaryOp("hardtanh") { $0.hardTanh() },
    unaryOp("relu6", in: -2...8) { $0.relu6() },
    unaryOp("hardsigmoid", in: -4...4) { $0.hardSigmoid() },
    unaryOp("hardswish", in: -4...4) { $0.hardSwish() },
    unaryOp("softsign") { $0.softsign() },
    unaryOp("tanhshrink") { $0.tanhShrink() },
    unaryOp("clamp") { $0.clamp(min: -1, max: 1) },
    unaryOp("dropout") { $0.dropout(0.5) },
  ]
}

/// Binary elementwise ops, with two tensors or with a tensor and a number.
var pairOps: [Workload] {
  [
    pairOp("add") { $0 + $1 },
    pairOp("sub") { $0 - $1 },
    pairOp("mul") { $0 * $1 },
    pairOp("div", in: 0.5...3) { $0 / $1 },
    pairOp("maximum") { $0.maximum($1) },
    pairOp("minimum") { $0.minimum($1) },
    pairOp("atan2") { $0.atan2($1) },
    pairOp("hypot") { $0.hypot($1) },
    pairOp("logaddexp") { $0.logAddExp($1) },
    pairOp("xlogy", in: 0.1...2) { $0.xlogy($1) },
    pairOp("pow", in: 0.1...2) { $0.pow($1) },
    pairOp("lerp") { $0.lerp(to: $1, weight: 0.3) },
    Workload("op_where") {
      let condition = randomMask()
      return opStep([Operand.square().leaf(), Operand.square().leaf()]) { Variable.where(condition, $0[0], $0[1]) }
    },
    op("add_row", [.square(), Operand(1000)]) { $0[0] + $0[1] },
    op("mul_row", [.square(), Operand(1000)]) { $0[0] * $0[1] },
    op("mul_column", [.square(), Operand(1000, 1)]) { $0[0] * $0[1] },
    op("div_row", [.square(), Operand(1000, in: 0.5...3)]) { $0[0] / $0[1] },
    unaryOp("add_number") { $0 + 2.5 },
    unaryOp("mul_number") { $0 * 2.5 },
    unaryOp("div_number") { $0 / 2.5 },
    unaryOp("number_div", in: 0.5...3) { 2.5 / $0 },
    unaryOp("pow_2") { $0.pow(2) },
    unaryOp("pow_3") { $0.pow(3) },
    unaryOp("pow_2.5", in: 0.1...2) { $0.pow(2.5) },
    unaryOp("number_pow") { Variable.pow(1.7, $0) },
  ]
}

private func pairOp(
  _ name: String, in range: ClosedRange<Double> = -2...2, _ function: @escaping (Variable, Variable) -> Variable
) -> Workload {
  op(name, [.square(in: range), .square(in: range)]) { function($0[0], $0[1]) }
}

/// A random mask; each element is true with probability 0.5.
func randomMask() -> Tensor { Tensor.randomUniform([1000, 1000]) .< 0.5 }
