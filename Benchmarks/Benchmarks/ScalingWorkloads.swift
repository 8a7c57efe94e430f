import NN
import Optim

// Check that cost grows linearly with the work: the same step at 1, 4 and 16 times the batch, the depth and the graph.
// PyTorch's side has no counterpart.

/// Nine lines; within a group, time rises by a factor of 4 per line if the cost is linear.
var scalingWorkloads: [Workload] {
  [64, 256, 1024].map { batch in
    Workload("scaling_batch_\(batch)") { step(batch: batch, depth: 4) }
  }
    + [4, 16, 64].map { depth in
      Workload("scaling_depth_\(depth)") { step(batch: 64, depth: depth) }
    }
    + [1000, 4000, 16000].map { count in
      Workload("scaling_graph_\(count)") { graph(ops: count) }
    }
}

/// A training step of `depth` layers 128-128 on `batch` examples.
private func step(batch: Int, depth: Int) -> () -> Void {
  let net = Sequential((0..<depth).flatMap { _ in [Linear(128, 128), ReLU()] as [Module] })
  let optimizer = SGD(net.parameters, learningRate: 0.01)
  let x = Tensor.randomNormal([batch, 128])
  return {
    optimizer.zeroGrad()
    net(x).square().mean().backward()
    optimizer.step()
  }
}

/// A sum of `count` single values, forward and backward.
private func graph(ops count: Int) -> () -> Void {
  let x = Variable(Tensor.full([], 0.5), requiresGrad: true)
  return {
    var sum = x
    for _ in 1..<count { sum += x }
    sum.backward()
    x.grad = nil
  }
}
