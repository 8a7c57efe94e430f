import NN
import Optim

/// One step of an update rule over ten million parameters, all in one tensor, and over a few small ones.
var optimizerWorkloads: [Workload] {
  [
    step("adam_10M", sizes: [10_000_000]) { Adam($0, learningRate: 1e-3) },
    step("sgd_step_4_small", sizes: [6400, 100, 1000, 10]) { SGD($0, learningRate: 0.01) },
  ]
}

private func step(
  _ name: String, sizes: [Int], _ makeOptimizer: @escaping ([Named<Variable>]) -> Optimizer
) -> Workload {
  Workload(name) {
    let parameters = sizes.enumerated().map { number, size in
      let p = Variable(Tensor.randomNormal([size]), requiresGrad: true)
      p.grad = Variable(Tensor.randomNormal([size]))
      return Named(name: "\(number)", element: p)
    }
    let optimizer = makeOptimizer(parameters)
    return { optimizer.step() }
  }
}
