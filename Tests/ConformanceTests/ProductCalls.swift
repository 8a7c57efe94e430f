import NN

/// Products and sums of products.
func productCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "matmul": [a.input • a.other]
  case "bmm": [a.input.bmm(a.variable("mat2"))]
  case "dot": [a.input.dot(a.variable("tensor"))]
  case "outer": [a.input.outer(a.variable("vec2"))]
  case "einsum": [Variable.einsum(a.string("equation", default: ""), a.list("tensors") ?? [])]
  case "linear": [a.input.linear(weight: a.variable("weight"), bias: a.optional("bias"))]
  case "bilinear":
    [a.variable("input1").bilinear(a.variable("input2"), weight: a.variable("weight"), bias: a.optional("bias"))]
  default: nil
  }
}
