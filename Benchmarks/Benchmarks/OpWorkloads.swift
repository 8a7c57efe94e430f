import NN

// Every op on about a million float32 elements: forward, then backward from a fixed upstream gradient if the op has
// one. One row per op, named after PyTorch's op, in the order of the files beside this one and of
// Benchmarks/peers/pytorch_ops.py. These rows run only if the filter names them: `--filter op_`, `--filter op_sum`.

/// All rows.
var opWorkloads: [Workload] {
  functionOps + pairOps + reductionOps + orderOps + shapeOps + placeOps + productOps + normalizationOps + windowOps
    + linearAlgebraOps + gatheringOps
}

/// A leaf whose values are spread evenly over a range.
struct Operand {
  let shape: Shape
  let range: ClosedRange<Double>

  init(_ sizes: Int..., in range: ClosedRange<Double> = -2...2) {
    shape = Shape(sizes)
    self.range = range
  }

  /// The usual operand: [1000, 1000].
  static func square(in range: ClosedRange<Double> = -2...2) -> Operand { Operand(1000, 1000, in: range) }

  func leaf() -> Variable {
    Variable(Tensor.randomUniform(shape, low: range.lowerBound, high: range.upperBound), requiresGrad: true)
  }
}

/// A unary op on a [1000, 1000] operand with values in the given range.
func unaryOp(_ name: String, in range: ClosedRange<Double> = -2...2, _ function: @escaping (Variable) -> Variable)
  -> Workload
{
  op(name, [.square(in: range)]) { function($0[0]) }
}

/// An op on the given operands, forward and backward.
func op(_ name: String, _ operands: [Operand], _ function: @escaping ([Variable]) -> Variable) -> Workload {
  Workload("op_" + name) { opStep(operands.map { $0.leaf() }, function) }
}

/// An op without a gradient: forward only.
func forwardOp(_ name: String, _ function: @escaping (Tensor) -> Tensor) -> Workload {
  Workload("op_" + name) {
    let x = Tensor.randomUniform([1000, 1000], low: -2, high: 2)
    return { _ = function(x) }
  }
}

/// Computes the function's value, then the gradients of all leaves.
func opStep(_ leaves: [Variable], _ function: @escaping ([Variable]) -> Variable) -> () -> Void {
  let upstream = Tensor.randomUniform(function(leaves).shape, low: -1, high: 1)
  return {
    function(leaves).backward(gradient: upstream)
    for leaf in leaves { leaf.grad = nil }
  }
}
