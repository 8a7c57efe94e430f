import NN

/// Products and sums of products.
func productCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "matmul": [a.input • a.other]
  default: nil
  }
}
