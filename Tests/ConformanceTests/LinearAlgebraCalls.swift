import NN

/// Linear algebra.
func linearAlgebraCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "trace_none": nil
  default: nil
  }
}
