import NN
import Optim

// That cost grows with the work and no faster: the same step at 1, 4 and 16 times the batch, the depth, the graph.
// These have no peer.

/// Nine lines; those of one name rise by 4 where cost is linear.
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

/// A step of training of so many layers 128-128 on so many examples.
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

/// A sum of so many single values, forward and backward.
private func graph(ops count: Int) -> () -> Void {
  let x = Variable(Tensor.full([], 0.5), requiresGrad: true)
  return {
    var sum = x
    for _ in 1..<count { sum += x }
    sum.backward()
    x.grad = nil
  }
}
