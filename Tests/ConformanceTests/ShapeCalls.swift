import NN

/// Shapes and places.
func shapeCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "transpose": [a.input.transpose(a.int("dim0"), a.int("dim1"))]
  default: nil
  }
}
