import NN

// Every op on about a million float32 elements: forward, and backward from a fixed upstream gradient where there is one.
// A row an op, under the names of PyTorch's ops, in the order of the files beside this one. The same rows stand in
// Benchmarks/peers/pytorch_ops.py. They are run only where the filter names them: `--filter op_`, `--filter op_sum`.

/// All rows.
var opWorkloads: [Workload] {
  functionOps + pairOps + reductionOps + orderOps + shapeOps + placeOps + productOps + normalizationOps + windowOps
    + linearAlgebraOps
}

/// A leaf of numbers spread evenly over a range.
struct Operand {
  let shape: Shape
  let range: ClosedRange<Double>

  init(_ sizes: Int..., in range: ClosedRange<Double> = -2...2) {
    shape = Shape(sizes)
    self.range = range
  }

  /// The usual one: [1000, 1000].
  static func square(in range: ClosedRange<Double> = -2...2) -> Operand { Operand(1000, 1000, in: range) }

  func leaf() -> Variable {
    Variable(Tensor.randomUniform(shape, low: range.lowerBound, high: range.upperBound), requiresGrad: true)
  }
}

/// A function of [1000, 1000] numbers of a range.
func unaryOp(_ name: String, in range: ClosedRange<Double> = -2...2, _ function: @escaping (Variable) -> Variable)
  -> Workload
{
  op(name, [.square(in: range)]) { function($0[0]) }
}

/// A function of operands.
func op(_ name: String, _ operands: [Operand], _ function: @escaping ([Variable]) -> Variable) -> Workload {
  Workload("op_" + name) { opStep(operands.map { $0.leaf() }, function) }
}

/// Something that no gradient passes.
func forwardOp(_ name: String, _ function: @escaping (Tensor) -> Tensor) -> Workload {
  Workload("op_" + name) {
    let x = Tensor.randomUniform([1000, 1000], low: -2, high: 2)
    return { _ = function(x) }
  }
}

/// The function's value, then the gradients of all leaves.
func opStep(_ leaves: [Variable], _ function: @escaping ([Variable]) -> Variable) -> () -> Void {
  let upstream = Tensor.randomUniform(function(leaves).shape, low: -1, high: 1)
  return {
    function(leaves).backward(gradient: upstream)
    for leaf in leaves { leaf.grad = nil }
  }
}
