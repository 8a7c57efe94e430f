import NN
import Optim

/// One step of an update rule over ten million parameters in one tensor, and over a few small tensors.
var optimizerWorkloads: [Workload] {
  [
    step("adam_10M", sizes: [[10_000_000]]) { Adam($0, learningRate: 1e-3) },
    step("sgd_step_4_small", sizes: [[100, 64], [100], [10, 100], [10]]) { SGD($0, learningRate: 0.01) },
  ]
}

/// One step of every rule over a matrix of a million parameters. Like the ops, these run only if the filter names them.
var updateWorkloads: [Workload] {
  let rules: [(String, ([Named<Variable>]) -> Optimizer)] = [
    ("sgd", { SGD($0) }), ("momentum", { Momentum($0) }), ("nesterov", { Nesterov($0) }), ("adam", { Adam($0) }),
    ("amsgrad", { Adam($0, amsgrad: true) }), ("adamw", { AdamW($0) }), ("nadam", { NAdam($0) }),
    ("radam", { RAdam($0) }), ("adamax", { Adamax($0) }), ("adagrad", { Adagrad($0) }), ("adadelta", { Adadelta($0) }),
    ("rmsprop", { RMSprop($0) }), ("rmsprop_centred", { RMSprop($0, momentum: 0.9, centered: true) }),
    ("rprop", { Rprop($0) }), ("asgd", { ASGD($0) }), ("adafactor", { Adafactor($0) }), ("lion", { Lion($0) }),
  ]
  return rules.map { step("op_update_\($0)", sizes: [[1000, 1000]], $1) }
}

private func step(
  _ name: String, sizes: [Shape], _ makeOptimizer: @escaping ([Named<Variable>]) -> Optimizer
) -> Workload {
  Workload(name) {
    let parameters = sizes.enumerated().map { number, size in
      let p = Variable(Tensor.randomNormal(size), requiresGrad: true)
      p.grad = Variable(Tensor.randomNormal(size))
      return Named(name: "\(number)", element: p)
    }
    let optimizer = makeOptimizer(parameters)
    return { optimizer.step() }
  }
}
