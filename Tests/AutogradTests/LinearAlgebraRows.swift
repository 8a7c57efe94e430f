import Autograd

// Rows of the table of ops: linear algebra, and its misuse.

let linearAlgebraRows: [OpRow] = [
  .one(.inverse, "", [[3, 3], [1, 1], [2, 2, 2], [0, 0]]) { regular($0).inverse() },
  OpRow(.solve, "", [[[3, 3], [3, 2]], [[2, 2, 2], [2, 2]], [[2, 2], [2, 2, 1]], [[3, 3], [3]]]) {
    regular($0[0]).solve($0[1])
  },
  OpRow(.solveTriangular, "upper", [[[3, 3], [3, 2]], [[2, 2, 2], [2, 2]]]) {
    regular($0[0]).solveTriangular($0[1], upper: true)
  },
  OpRow(.solveTriangular, "lower, unitriangular, from the right", [[[3, 3], [2, 3]]]) {
    $0[0].solveTriangular($0[1], upper: false, left: false, unitriangular: true)
  },
  .one(.det, "", [[3, 3], [1, 1], [2, 2, 2], [0, 0]]) { $0.det() },
  .one(.det, "of singular matrices", [[3, 3], [2, 2, 2]]) { ($0 * Variable(hole($0.shape, $0.dtype))).det() },
  .one(.slogdet, "", [[3, 3], [2, 2, 2]]) { regular($0).slogdet().logAbsDet },
  .one(.cholesky, "", [[3, 3], [1, 1], [2, 2, 2]]) { positive($0).cholesky() },
  .one(.cholesky, "upper", [[3, 3]]) { positive($0).cholesky(upper: true) },
  .one(.eigenvalues, "", [[3, 3], [2, 2, 2], [1, 1]]) { symmetric($0).eigvalsh() },
  // Squares do not depend on the vectors' signs.
  .one(.eigenvectors, "", [[3, 3], [2, 2, 2]]) { symmetric($0).eigh().vectors.square() },
  .one(.singularValues, "", [[3, 2], [2, 3], [2, 2, 2]]) { $0.svd().s },
  .one(.leftSingularVectors, "", [[3, 2], [2, 3]]) { $0.svd().u.square() },
  .one(.rightSingularVectors, "", [[3, 2], [2, 3]]) { $0.svd().vh.square() },
  .one(.qrQ, "", [[3, 2], [2, 3, 3]]) { $0.qr().q },
  .one(.qrR, "", [[3, 2], [2, 3, 3]]) { $0.qr().r },
  .one(.qrQ, "of wide matrices", [[2, 3], [2, 2, 5]]) { $0.qr().q },
  .one(.qrR, "of wide matrices", [[2, 3], [2, 2, 5]]) { $0.qr().r },
  .one(.singularValues, "pinv", [[3, 2], [2, 3]]) { $0.pinv() },
  OpRow(.matmul, "lstsq", [[[3, 2], [3, 1]], [[2, 3], [2]]]) { $0[0].lstsq($0[1]) },
  .one(.matmul, "matrixPower", [[2, 2], [2, 3, 3]]) { $0.matrixPower(5) },
  .one(.inverse, "matrixPower, negative", [[2, 2]]) { regular($0).matrixPower(-2) },
]

let linearAlgebraDerivatives: [DerivativePart] = []

/// A well-conditioned matrix.
private func regular(_ x: Variable) -> Variable { x + Variable(Tensor.eye(x.shape[-1], dtype: x.dtype) * 5) }
private func symmetric(_ x: Variable) -> Variable { (x + x.transpose()) * 0.5 }
private func positive(_ x: Variable) -> Variable {
  x.matmul(x.transpose()) + Variable(Tensor.eye(x.shape[-1], dtype: x.dtype))
}

/// Ones, and zeros in the first row.
private func hole(_ shape: Shape, _ type: DType) -> Tensor {
  let n = shape[-1]
  return Tensor((0..<(n * n)).map { $0 < n ? 0.0 : 1.0 }, shape: [n, n]).cast(to: type)
}

private func matrix(_ rows: [[Double]]) -> Variable { Variable(Tensor(rows), requiresGrad: true) }

private let squareFunctions: [(name: String, function: @Sendable (Variable) -> Variable)] = [
  ("inverse", { $0.inverse() }), ("det", { $0.det() }), ("slogdet", { $0.slogdet().logAbsDet }),
  ("cholesky", { $0.cholesky() }), ("eigh", { $0.eigh().values }), ("solve", { $0.solve($0) }),
  ("solveTriangular", { $0.solveTriangular($0, upper: true) }),
]

let linearAlgebraMistakes: [Mistake] =
  squareFunctions.flatMap { name, function in
    [
      Mistake("\(name): wants square matrices [..., n, n], got [2, 3]") { _ = function(variable([2, 3])) },
      Mistake("\(name): wants square matrices [..., n, n], got [2]") { _ = function(variable([2])) },
      Mistake("\(name): wants float32 or float64, got int64 [2, 2]") { _ = function(variable([2, 2], .int64)) },
    ]
  } + [
    Mistake("inverse: matrix 0 of [2, 2] is singular: column 1 has no pivot") {
      _ = matrix([[1, 2], [2, 4]]).inverse()
    },
    Mistake("solve: matrix 0 of [2, 2] is singular: column 1 has no pivot") {
      _ = matrix([[1, 2], [2, 4]]).solve(matrix([[1], [1]]))
    },
    Mistake("solve: a matrix [2, 2] wants a right side of 2 rows, got [3, 1]") {
      _ = variable([2, 2]).solve(variable([3, 1]))
    },
    Mistake("solve: types differ, got float32 [2, 2] and float64 [2, 1]; convert one with cast(to: .float32)") {
      _ = variable([2, 2]).solve(variable([2, 1], .float64))
    },
    Mistake("solve: batches of [2, 3, 3] and [3, 3, 1] do not broadcast") {
      _ = variable([2, 3, 3]).solve(variable([3, 3, 1]))
    },
    Mistake("cholesky: matrix 0 of [2, 2] is not positive definite: its leading minor of order 2 is not positive") {
      _ = matrix([[1, 2], [2, 1]]).cholesky()
    },
    Mistake("slogdet: matrix 0 of [2, 2] is singular") { matrix([[1, 2], [2, 4]]).slogdet().logAbsDet.backward() },
    Mistake("svd: wants matrices [..., m, n], got [3]") { _ = variable([3]).svd() },
    Mistake("svd: wants float32 or float64, got bool [2, 2]") { _ = variable([2, 2], .bool).svd() },
    Mistake("qr: wants matrices [..., m, n], got []") { _ = variable([]).qr() },
    Mistake("qr: wants float32 or float64, got int64 [2, 3]") { _ = variable([2, 3], .int64).qr() },
    Mistake("eigvalsh: wants square matrices [..., n, n], got [2, 3]") { _ = variable([2, 3]).eigvalsh() },
    Mistake("pinv: wants matrices [..., m, n], got [3]") { _ = variable([3]).pinv() },
    Mistake("lstsq: [3, 2] wants right sides [..., 3, k] or [3], got [2, 1]") {
      _ = variable([3, 2]).lstsq(variable([2, 1]))
    },
    Mistake("lstsq: types differ, got float32 [3, 2] and float64 [3]") {
      _ = variable([3, 2]).lstsq(variable([3], .float64))
    },
    Mistake("matrixPower: wants square matrices [..., n, n], got [2, 3]") { _ = variable([2, 3]).matrixPower(2) },
  ]
