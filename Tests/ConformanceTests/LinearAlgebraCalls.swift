import NN

/// Linear algebra.
func linearAlgebraCall(_ a: Arguments) throws -> [Variable]? {
  let (left, right) = ({ a.variable("A") }, { a.variable("B") })
  switch a.op {
  case "inverse": return [left().inverse()]
  case "det": return [left().det()]
  case "slogdet":
    let (sign, size) = left().slogdet()
    return [Variable(sign), size]
  case "cholesky": return [left().cholesky(upper: a.bool("upper"))]
  case "eigvalsh": return [left().eigvalsh()]
  case "qr":
    let (q, r) = left().qr()
    return [q, r]
  case "solve": return [left().solve(right())]
  case "solve_triangular":
    return [
      left().solveTriangular(
        right(), upper: a.bool("upper"), left: a.bool("left", default: true), unitriangular: a.bool("unitriangular"))
    ]
  default: return nil
  }
}
