import NN

/// Elementwise functions.
func elementwiseCall(_ a: Arguments) throws -> [Variable]? {
  if let y = unary(a.op, a) ?? activation(a.op, a) { return [y] }
  switch a.op {
  case "add", "sub":
    let scale = a.double("alpha", default: 1) * (a.op == "sub" ? -1 : 1)
    if a.has("other") { return [a.input + scale * a.double("other")] }
    return [a.input + (scale == 1 ? a.other : a.other * scale)]
  case "mul": return [a.has("other") ? a.input * a.double("other") : a.input * a.other]
  case "div": return [a.has("other") ? a.input / a.double("other") : a.input / a.other]
  case "maximum": return [a.input.maximum(a.other)]
  case "minimum": return [a.input.minimum(a.other)]
  case "atan2": return [a.input.atan2(a.other)]
  case "pow":
    if a.has("exponent") { return [a.input.pow(a.double("exponent"))] }
    return [a.input.pow(a.variable("exponent"))]
  case "where": return [Variable.where(a.tensor("condition"), a.input, a.other)]
  case "lerp":
    let end = a.variable("end")
    if a.has("weight") { return [a.input.lerp(to: end, weight: a.double("weight"))] }
    return [a.input.lerp(to: end, weight: a.variable("weight"))]
  case "clamp": return [a.input.clamp(min: a.optionalDouble("min"), max: a.optionalDouble("max"))]
  default: return nil
  }
}

private func unary(_ op: String, _ a: Arguments) -> Variable? {
  switch op {
  case "neg": -a.input
  case "abs": a.input.abs()
  case "sign": a.input.sign()
  case "exp": a.input.exp()
  case "expm1": a.input.expm1()
  case "log": a.input.log()
  case "log1p": a.input.log1p()
  case "log2": a.input.log2()
  case "sqrt": a.input.sqrt()
  case "rsqrt": a.input.rsqrt()
  case "square": a.input.square()
  case "reciprocal": a.input.reciprocal()
  case "sin": a.input.sin()
  case "cos": a.input.cos()
  case "tan": a.input.tan()
  case "asin": a.input.asin()
  case "acos": a.input.acos()
  case "atan": a.input.atan()
  case "sinh": a.input.sinh()
  case "cosh": a.input.cosh()
  case "erf": a.input.erf()
  default: nil
  }
}

private func activation(_ op: String, _ a: Arguments) -> Variable? {
  switch op {
  case "tanh": a.input.tanh()
  case "sigmoid": a.input.sigmoid()
  case "logsigmoid": a.input.logSigmoid()
  case "softplus": a.input.softplus(beta: a.double("beta", default: 1), threshold: a.double("threshold", default: 20))
  case "relu": a.input.relu()
  case "leaky_relu": a.input.leakyRelu(negativeSlope: a.double("negative_slope", default: 0.01))
  case "elu": a.input.elu(alpha: a.double("alpha", default: 1))
  case "selu": a.input.selu()
  case "celu": a.input.celu(alpha: a.double("alpha", default: 1))
  case "gelu": a.input.gelu(approximate: a.string("approximate", default: "none") == "tanh" ? .tanh : .none)
  case "silu": a.input.silu()
  case "mish": a.input.mish()
  case "hardtanh": a.input.hardTanh(min: a.double("min_val", default: -1), max: a.double("max_val", default: 1))
  case "relu6": a.input.relu6()
  case "hardsigmoid": a.input.hardSigmoid()
  case "hardswish": a.input.hardSwish()
  case "softsign": a.input.softsign()
  case "tanhshrink": a.input.tanhShrink()
  default: nil
  }
}
