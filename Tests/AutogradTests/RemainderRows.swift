import Autograd

// Rows of the table of ops: remainders, choices beside NaN, elements chosen or replaced, factors; and their misuse.

let remainderRows: [OpRow] = [
  .binary(.remainder, "", 0.5...3) { $0.remainder($1) },
  .binary(.remainder, "by negative numbers", -3 ... -0.5) { (-$0).remainder($1) },
  .unary(.remainder, "by a number") { $0.remainder(-0.71) },
  .binary(.fmod, "", 0.5...3) { $0.fmod($1) },
  .binary(.fmod, "by negative numbers", -3 ... -0.5) { (-$0).fmod($1) },
  .unary(.fmod, "by a number") { $0.fmod(0.71) },
  .binary(.fmax) { $0.fmax($1) },
  .binary(.fmin) { $0.fmin($1) },
  .unary(.copySign) { $0.copySign(Variable(Tensor.full([], -0.5, dtype: $0.dtype))) },
  .unary(.subtract, "frac") { $0.frac() },
]

let replacingRows: [OpRow] = [
  .one(.gather, "kthValue", [[3, 4], [5], [2, 3, 2], []]) { $0.kthValue(1).values },
  .one(.gather, "kthValue, kept", [[3, 4], [5, 2]]) { $0.kthValue(3, axis: 0, keepDims: true).values },
  .one(.gather, "mode", [[3, 4], [5]]) { $0.mode(axis: 0).values },
  .one(.gather, "nanMedian", [[3, 4], [5], [2, 3, 2]]) { $0.nanMedian(axis: -1).values * $0.nanMedian() },
  .one(.sum, "nanSum", [[3, 4], [], [0, 2]]) { $0.nanSum(axes: [], keepDims: true) * $0.nanSum() },
  .one(.divide, "nanMean", [[3, 4], [2, 3, 2]]) { $0.nanMean(axes: [-1]) },
  .one(.where, "indexFill", [[3, 4], [3], [3, 0]]) { $0.indexFill(axis: 0, [1, -1], 0.5) },
  OpRow(.indexSelect, "indexCopy", [[[3, 4], [3, 2]], [[2, 3], [2, 2]], [[0, 3], [0, 2]]]) {
    $0[0].indexCopy(axis: 1, [2, -3], $0[1])
  },
  OpRow(.indexSelect, "maskedScatter", [[[2, 3], [7]], [[3], [2, 3]], [[4, 1, 3], [3, 4]]]) {
    $0[0].maskedScatter(Tensor([true, false, true]), $0[1])
  },
  .one(.multiply, "diagEmbed", [[3], [2, 3], [2, 0]]) { $0.diagEmbed(offset: -1, axis1: 0, axis2: -1) * 2 },
  OpRow(.concatenate, "blockDiag", [[[2, 3], [2], [], [0, 1]]]) { Variable.blockDiag($0) },
  OpRow(.stack, "cartesianProduct", [[[2], [3]], [[2], [0]]]) { Variable.cartesianProduct($0) },
  OpRow(.expand, "meshgrid", [[[2], [3]], [[1], [2]]]) { Variable.meshgrid($0)[0] * 2 + Variable.meshgrid($0)[1] },
]

let factorRows: [OpRow] = [
  .one(.cdist, "pdist", [[3, 2], [4, 3], [1, 2], [0, 2]]) { $0.pdist() },
  .one(.norm, "pdist of order 3", [[3, 2], [4, 3]]) { $0.pdist(3) },
  .one(.multiply, "renorm", [[3, 4], [2, 3, 2]]) { $0.renorm(2, axis: 0, maxNorm: 2.2) },
  .product(
    .matmul, "multiDot", [[[2, 3], [3, 4], [4, 2]], [[3], [3, 2], [2, 2], [2]], [[2, 0], [0, 3], [3]]]
  ) {
    Variable.multiDot($0)
  },
  .one(.lowerFactor, "", [[3, 3], [2, 2, 2], [1, 1], [0, 0]]) { $0.lu().l },
  .one(.lowerFactor, "of tall matrices", [[4, 2], [2, 3, 2]]) { $0.lu().l },
  .one(.lowerFactor, "of wide matrices", [[2, 4]]) { $0.lu().l },
  .one(.upperFactor, "", [[3, 3], [2, 2, 2], [1, 1], [0, 0]]) { $0.lu().u },
  .one(.upperFactor, "of tall matrices", [[4, 2]]) { $0.lu().u },
  .one(.upperFactor, "of wide matrices", [[2, 4], [2, 2, 3]]) { $0.lu().u },
  OpRow(.solveTriangular, "choleskySolve", [[[3, 3], [3, 2]], [[2, 2, 2], [2, 1]]]) {
    factor($0[0]).choleskySolve($0[1])
  },
  .one(.solveTriangular, "choleskyInverse", [[3, 3], [2, 2, 2]]) { factor($0).choleskyInverse(upper: true) },
]

/// A well-conditioned matrix, of whose triangles one is read.
private func factor(_ x: Variable) -> Variable { x + Variable(Tensor.eye(x.shape[-1], dtype: x.dtype) * 4) }

// MARK: - Mistakes

/// Functions of pairs, each called with shapes, types and elements that do not go together.
private let pairFunctions: [(name: String, function: @Sendable (Variable, Variable) -> Variable)] = [
  ("remainder", { $0.remainder($1) }), ("fmod", { $0.fmod($1) }), ("fmax", { $0.fmax($1) }),
  ("fmin", { $0.fmin($1) }), ("copySign", { $0.copySign($1) }),
]

let remainderMistakes: [Mistake] =
  pairFunctions.flatMap { name, function in
    [
      Mistake("\(name): shapes [2] and [3] do not broadcast together") { _ = function(variable([2]), variable([3])) },
      Mistake("\(name): types differ, got float32 [2] and float64 [2]") {
        _ = function(variable([2]), variable([2], .float64))
      },
      Mistake("\(name): types differ, got float32 [] and bool [2]") {
        _ = function(variable([]), variable([2], .bool))
      },
    ]
  } + [
    Mistake("remainder: an integer cannot be divided by 0, got int64 [2]") {
      _ = variable([2], .int64).remainder(Variable([1, 0], dtype: .int64))
    },
    Mistake("fmod: an integer cannot be divided by 0, got uint8 [2]") { _ = variable([2], .uint8).fmod(0) },
    Mistake("floorDivide: does not work on bool") { _ = Tensor([true]).floorDivide(Tensor([true])) },
    Mistake("copySign: wants float32 or float64, got int64 [2]") {
      _ = variable([2], .int64).copySign(variable([2], .int64))
    },
    Mistake("heaviside: shapes [2] and [3] do not broadcast together") { _ = variable([2]).heaviside(variable([3])) },
    Mistake("frac: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).frac() },
  ]

let replacingMistakes: [Mistake] = [
  Mistake("kthValue: wants a number from 1 to 3, the size of axis 1 of [2, 3], got 0") {
    _ = variable([2, 3]).kthValue(0, axis: 1)
  },
  Mistake("mode: axis 0 of [0, 2] has no elements") { _ = variable([0, 2]).mode(axis: 0) },
  Mistake("nanMean: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).nanMean(axes: [2]) },
  Mistake("indexFill: position 3 (number 1) is out of range for an axis of 3") {
    _ = variable([2, 3]).indexFill(axis: 1, [-3, 3], 0)
  },
  Mistake("indexCopy: wants a source [2, 3], got [3]") {
    _ = variable([4, 3]).indexCopy(axis: 0, [0, 2], variable([3]))
  },
  Mistake("indexCopy: types differ, got float32 [4] and float64 [1]") {
    _ = variable([4]).indexCopy(axis: 0, [0], variable([1], .float64))
  },
  Mistake("maskedScatter: the mask [3] wants 4 elements, the source [3] has fewer") {
    _ = variable([2, 3]).maskedScatter(Tensor([true, false, true]), variable([3]))
  },
  Mistake("maskedScatter: the mask must be bool, got float32 [3]") {
    _ = variable([3]).maskedScatter(Tensor.ones([3]), variable([3]))
  },
  Mistake("diagEmbed: axis 3 is out of range for 3 axes, made of [2, 3]") { _ = variable([2, 3]).diagEmbed(axis1: 3) },
  Mistake("blockDiag: wants matrices, got [1, 1, 1]") {
    _ = Variable.blockDiag([variable([2]), variable([1, 1, 1])])
  },
]

let factorMistakes: [Mistake] = [
  Mistake("pdist: wants rows [n, d], got [3]") { _ = variable([3]).pdist() },
  Mistake("renorm: wants slices, so at least two axes, got [3]") { _ = variable([3]).renorm(2, axis: 0, maxNorm: 1) },
  Mistake("renorm: wants a positive order and norm, got 2.0 and -1.0") {
    _ = variable([3, 2]).renorm(2, axis: 0, maxNorm: -1)
  },
  Mistake("multiDot: [2, 3] · [2, 4]: inner sizes 3 and 2 differ") {
    _ = Variable.multiDot([variable([2, 3]), variable([2, 4]), variable([4])])
  },
  Mistake("multiDot: wants matrices, and vectors only as the first and the last, got [3] (number 1)") {
    _ = Variable.multiDot([variable([2, 3]), variable([3]), variable([3])])
  },
  Mistake("lu: wants matrices [..., m, n], got [3]") { _ = variable([3]).lu() },
  Mistake("lu: wants float32 or float64, got int64 [2, 2]") { _ = variable([2, 2], .int64).lu() },
  Mistake("lu: wants float32 or float64, got bool [3]") { _ = variable([3], .bool).lu() },
  Mistake("choleskySolve: a factor [2, 2] wants a right side of 2 rows, got [3, 1]") {
    _ = variable([2, 2]).choleskySolve(variable([3, 1]))
  },
  Mistake("choleskyInverse: wants square matrices [..., n, n], got [2, 3]") { _ = variable([2, 3]).choleskyInverse() },
]
