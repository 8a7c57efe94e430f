import Autograd
import Testing

/// One way to call an op, and operands to call it with: a row of the table that all gradient checks run over.
struct OpRow: Sendable, CustomTestStringConvertible {
  let op: Op
  /// What is special about this call; empty for the plain call.
  let form: String
  /// The operands' shapes, one list per sample. The first sample is an ordinary case.
  let samples: [[Shape]]
  /// The range that operands are drawn from; it avoids kinks and poles.
  let domain: ClosedRange<Double>
  /// The largest relative error that a correct rule may show.
  let tolerance: Double
  /// The same for the second derivative, which is computed by differences of first derivatives.
  let secondOrderTolerance: Double
  let function: @Sendable ([Variable]) -> Variable

  init(
    _ op: Op, _ form: String = "", _ samples: [[Shape]], _ domain: ClosedRange<Double> = -2...2,
    tolerance: Double = 1e-8, secondOrderTolerance: Double = 1e-7,
    _ function: @escaping @Sendable ([Variable]) -> Variable
  ) {
    self.op = op
    self.form = form
    self.samples = samples
    self.domain = domain
    self.tolerance = tolerance
    self.secondOrderTolerance = secondOrderTolerance
    self.function = function
  }

  var testDescription: String { form.isEmpty ? op.rawValue : "\(op.rawValue), \(form)" }

  /// Operands of given shapes, of type float64.
  func operands(_ shapes: [Shape]) -> [Tensor] {
    shapes.enumerated().map { place, shape in spread(shape, over: domain, place: place) }
  }
}

/// Numbers spread evenly over a range, in shuffled order. None is 0 and no two are equal, not even across the operands
/// of one call, so that there are no ties or kinks.
func spread(_ shape: Shape, over domain: ClosedRange<Double> = -2...2, place: Int = 0) -> Tensor {
  let count = Double(shape.elementCount)
  let offset = 0.37 + 0.23 * Double(place % 3)
  let width = domain.upperBound - domain.lowerBound
  let order = RandomGenerator(seed: UInt64(place + 1)).permutation(shape.elementCount)
  return Tensor(order.map { domain.lowerBound + width * (Double($0) + offset) / count }, shape: shape)
}

extension OpRow {
  /// A unary elementwise function.
  static func unary(
    _ op: Op, _ form: String = "", _ domain: ClosedRange<Double> = -3...3,
    _ function: @escaping @Sendable (Variable) -> Variable
  ) -> OpRow {
    OpRow(op, form, [[[3, 4]], [[]], [[0, 3]], [[5]], [[2, 1, 3]]], domain) { function($0[0]) }
  }

  /// A binary elementwise function, over every way in which two shapes broadcast.
  static func binary(
    _ op: Op, _ form: String = "", _ domain: ClosedRange<Double> = -2...2,
    _ function: @escaping @Sendable (Variable, Variable) -> Variable
  ) -> OpRow {
    let pairs: [[Shape]] = [
      [[2, 3], [2, 3]], [[2, 3], [3]], [[3], [2, 3]], [[2, 1], [1, 3]], [[2, 3], []], [[], [2, 3]], [[], []],
      [[2, 1, 3], [4, 1]], [[1, 1], [3]], [[0, 3], [3]], [[1, 3], [0, 3]], [[0], []], [[2, 0], [2, 1]],
    ]
    return OpRow(op, form, pairs, domain) { function($0[0], $0[1]) }
  }

  /// A unary op with samples chosen for it.
  static func one(
    _ op: Op, _ form: String = "", _ shapes: [Shape], _ domain: ClosedRange<Double> = -2...2,
    _ function: @escaping @Sendable (Variable) -> Variable
  ) -> OpRow {
    OpRow(op, form, shapes.map { [$0] }, domain) { function($0[0]) }
  }

  /// A product: exact except for rounding.
  static func product(
    _ op: Op, _ form: String = "", _ samples: [[Shape]], _ function: @escaping @Sendable ([Variable]) -> Variable
  ) -> OpRow {
    OpRow(op, form, samples, tolerance: 1e-9, function)
  }
}

/// How an operand lies in memory.
enum Layout: CaseIterable, Sendable {
  /// Axes in reverse order.
  case transposed
  /// Every other element of the last axis, backwards.
  case sliced

  /// The shape of the dense tensor that is viewed with `shape`.
  func whole(_ shape: Shape) -> Shape {
    switch self {
    case .transposed: Shape(shape.reversed())
    case .sliced: shape.rank == 0 ? shape : Shape(shape.dropLast() + [2 * shape[-1] + 1])
    }
  }

  func view(_ whole: Variable) -> Variable {
    switch self {
    case .transposed: whole.permute(Array((0..<whole.rank).reversed()))
    case .sliced: whole.rank == 0 ? whole : whole[.ellipsis, .range(-2, nil, step: -2)]
    }
  }
}

// MARK: - The table

/// Every public op, in each of its forms.
let opTable: [OpRow] =
  arithmeticRows + functionRows + activationRows + reductionRows + softmaxRows + productRows + convolutionRows
  + movementRows + indexingRows + moreFunctionRows + moreReductionRows + morePlaceRows + windowRows + normalizationRows
  + linearAlgebraRows + recurrentRows + transformRows + scatterRows + matrixFunctionRows
  + remainderRows + replacingRows + factorRows

/// An op that occurs in derivatives only, and a function of a [2, 3] value whose derivative uses it.
typealias DerivativePart = (op: Op, function: @Sendable (Variable) -> Variable)

let derivativeOps: [DerivativePart] =
  basicDerivatives + convolutionDerivatives + moreFunctionDerivatives + moreReductionDerivatives + morePlaceDerivatives
  + windowDerivatives + normalizationDerivatives + linearAlgebraDerivatives
  + recurrentDerivatives

private let basicDerivatives: [DerivativePart] = [
  (.quotientOrZero, { 1 / $0 }),
  (.tanhBackward, { $0.tanh() }),
  (.sigmoidBackward, { $0.sigmoid() }),
  (.reluBackward, { $0.relu() }),
  (.softmaxBackward, { $0.softmax() }),
  (.logSoftmaxBackward, { $0.logSoftmax() }),
  (.crossEntropyBackward, { $0.crossEntropy(labels(for: $0)) }),
  (.sumToShape, { $0.sum(axes: [0]) * $0 }),
  (.sliceBackward, { $0[0] }),
]

/// A label for each row of scores.
func labels(for scores: Variable) -> Tensor {
  Tensor((0..<scores.shape[0]).map { ($0 * 7 + 1) % scores.shape[1] }, shape: [scores.shape[0]])
}

private let arithmeticRows: [OpRow] = [
  .binary(.add) { $0 + $1 },
  .unary(.add, "with a number") { 2.5 + $0 + 1.5 },
  .binary(.add, "in place") { x, y in
    var sum = x * 1
    sum += y
    sum += 2
    return sum
  },
  .binary(.subtract) { $0 - $1 },
  .unary(.subtract, "with a number") { (2.5 - $0) - 1.5 },
  .binary(.subtract, "in place") { x, y in
    var difference = x * 1
    difference -= y
    difference -= 2
    return difference
  },
  .binary(.multiply) { $0 * $1 },
  .unary(.multiply, "with a number") { 2.5 * $0 * -1.5 },
  .binary(.multiply, "in place") { x, y in
    var product = x * 1
    product *= y
    product *= 2
    return product
  },
  .binary(.divide, "", 0.5...3) { $0 / $1 },
  .binary(.divide, "by negative numbers", -3 ... -0.5) { $0 / $1 },
  .unary(.divide, "with a number", 0.5...3) { (2.5 / $0) / 1.5 },
  .binary(.divide, "in place", 0.5...3) { x, y in
    var quotient = x * 1
    quotient /= y
    quotient /= 2
    return quotient
  },
  .unary(.negate) { -$0 },
  .binary(.pow, "", 0.4...2.2) { $0.pow($1) },
  .unary(.pow, "3") { $0.pow(3) },
  .unary(.pow, "2") { $0.pow(2) },
  .unary(.pow, "1") { $0.pow(1) },
  .unary(.pow, "0") { $0.pow(0) },
  .unary(.pow, "−2", 0.5...2) { $0.pow(-2) },
  .unary(.pow, "½", 0.4...3) { $0.pow(0.5) },
  .unary(.pow, "of a number") { Variable.pow(1.7, $0) },
  .binary(.maximum) { $0.maximum($1) },
  .binary(.minimum) { $0.minimum($1) },
]

private let functionRows: [OpRow] = [
  .unary(.abs) { $0.abs() },
  .unary(.cos) { $0.cos() },
  .unary(.exp) { $0.exp() },
  .unary(.log, "", 0.2...4) { $0.log() },
  .unary(.reciprocal, "", 0.4...3) { $0.reciprocal() },
  .unary(.sin) { $0.sin() },
  .unary(.sqrt, "", 0.2...4) { $0.sqrt() },
  .unary(.square) { $0.square() },
]

private let activationRows: [OpRow] = [
  .unary(.dropout) { $0.dropout(0.4, generator: RandomGenerator(seed: 5)) },
  .unary(.elu) { $0.elu() },
  .unary(.elu, "alpha 0.7") { $0.elu(alpha: 0.7) },
  .unary(.gelu) { $0.gelu() },
  .unary(.leakyRelu) { $0.leakyRelu() },
  .unary(.leakyRelu, "slope 0.3") { $0.leakyRelu(negativeSlope: 0.3) },
  .unary(.logSigmoid) { $0.logSigmoid() },
  .unary(.relu) { $0.relu() },
  .unary(.sigmoid) { $0.sigmoid() },
  .unary(.silu) { $0.silu() },
  .unary(.softplus) { $0.softplus() },
  .unary(.tanh) { $0.tanh() },
]

private let reductionRows: [OpRow] =
  reductions(.sum, overNothing: true) { $0.sum(axes: $1, keepDims: $2) }
  + reductions(.mean) { $0.mean(axes: $1, keepDims: $2) }
  + reductions(.max) { $0.max(axes: $1, keepDims: $2) }
  + reductions(.min) { $0.min(axes: $1, keepDims: $2) }
  + reductions(.logSumExp) { $0.logSumExp(axes: $1, keepDims: $2) }

/// A reduction over no, some and all axes. `overNothing` says whether it is defined for empty input.
private func reductions(
  _ op: Op, overNothing: Bool = false, _ reduce: @escaping @Sendable (Variable, [Int]?, Bool) -> Variable
) -> [OpRow] {
  let nothing: [Shape] = overNothing ? [[0], [2, 0, 3]] : []
  return [
    .one(op, "all axes", [[2, 3], [4], [], [1, 1]] + nothing) { reduce($0, nil, false) },
    .one(op, "all axes, kept", [[2, 3], []] + nothing) { reduce($0, nil, true) },
    .one(op, "first axis", [[3, 2], [4], [2, 0]] + nothing) { reduce($0, [0], false) },
    .one(op, "last axis, kept", [[2, 3], [4], [0, 2]] + nothing) { reduce($0, [-1], true) },
    .one(op, "outer axes", [[2, 3, 2], [2, 0, 3]]) { reduce($0, [-1, 0], false) },
    .one(op, "no axes", [[2, 3], []] + nothing) { reduce($0, [], false) },
  ]
}

private let softmaxRows: [OpRow] = [
  .one(.softmax, "", [[3, 4], [], [5], [0, 3], [2, 2, 3], [3, 1]]) { $0.softmax() },
  .one(.softmax, "first axis", [[3, 4], [5], [0, 3], [2, 2, 3]]) { $0.softmax(axis: 0) },
  .one(.logSoftmax, "", [[3, 4], [], [5], [0, 3], [2, 2, 3], [3, 1]]) { $0.logSoftmax() },
  .one(.logSoftmax, "first axis", [[3, 4], [5], [0, 3], [2, 2, 3]]) { $0.logSoftmax(axis: 0) },
  .one(.crossEntropy, "", [[3, 4], [1, 5], [4, 1], [0, 3]]) { $0.crossEntropy(labels(for: $0)) },
  OpRow(.binaryCrossEntropy, "", [[[3, 4], [3, 4]], [[], []], [[0, 3], [0, 3]]], 0.2...0.8) {
    $0[0].binaryCrossEntropy($0[1])
  },
  .one(.crossEntropy, "labels of int32", [[3, 4]]) { $0.crossEntropy(labels(for: $0).cast(to: .int32)) },
]

private let productRows: [OpRow] = [
  .product(
    .matmul, "",
    [
      [[2, 3], [3, 4]], [[3, 3], [3, 3]], [[1, 3], [3, 1]], [[0, 3], [3, 2]], [[2, 0], [0, 3]], [[2, 3], [3, 0]],
    ]
  ) { $0[0].matmul($0[1]) },
  .product(.matmul, "vectors", [[[3], [3, 2]], [[2, 3], [3]], [[3], [3]], [[0], [0]], [[2, 0], [0]]]) { $0[0] • $0[1] },
  .product(
    .matmul, "batches",
    [
      [[2, 2, 3], [2, 3, 2]], [[2, 2, 3], [3, 2]], [[2, 3], [2, 3, 2]], [[2, 1, 2, 2], [3, 2, 1]], [[3], [2, 3, 2]],
      [[2, 2, 3], [3]], [[0, 2, 3], [3, 2]], [[0, 2, 3], [0, 3, 2]], [[1, 2, 2], [2, 2, 2]],
    ]
  ) { $0[0].matmul($0[1]) },
  .product(
    .linear, "",
    [
      [[3, 4], [2, 4], [2]], [[4], [2, 4], [2]], [[2, 2, 3], [2, 3], [2]], [[0, 3], [2, 3], [2]],
      [[2, 0], [3, 0], [3]],
    ]
  ) { $0[0].linear(weight: $0[1], bias: $0[2]) },
  .product(
    .linear, "without bias", [[[3, 4], [2, 4]], [[4], [2, 4]], [[2, 2, 3], [2, 3]], [[2, 3], [0, 3]]]
  ) {
    $0[0].linear(weight: $0[1])
  },
]
