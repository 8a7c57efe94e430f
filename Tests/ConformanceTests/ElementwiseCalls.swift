import NN

/// Functions of each element.
func elementwiseCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "neg": [-a.input]
  default: nil
  }
}
