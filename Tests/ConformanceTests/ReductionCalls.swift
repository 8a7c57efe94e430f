import NN

/// Reductions, scans, sorting.
func reductionCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "sum": [a.input.sum(axes: a.optionalInts("dim"), keepDims: a.bool("keepdim"))]
  default: nil
  }
}
