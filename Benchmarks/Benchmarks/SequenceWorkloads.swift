import NN
import Optim

// Networks over sequences, the same as in Benchmarks/peers.

/// The sequence lines of the table, in order.
var sequenceWorkloads: [Workload] {
  [
    sequenceTraining("transformer_block_b8_t128_d256", inputs: [8, 128, 256], outputs: [8, 128, 256]) {
      TransformerEncoderLayer(
        256, heads: 8, feedForward: 1024, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
    } optimizer: {
      AdamW($0, learningRate: 1e-3)
    },
    sequenceTraining("lstm_b32_t50_h128", inputs: [32, 50, 64], outputs: [32, 50, 128]) {
      LSTM(64, 128, batchFirst: true)
    } optimizer: {
      SGD($0, learningRate: 0.01)
    },
    layerNormSoftmax,
  ]
}

/// Σ softmax(layerNorm(x))², with the gradients of x, weight and bias.
private var layerNormSoftmax: Workload {
  Workload("layernorm_softmax_4096x512") {
    let x = Variable(Tensor.randomNormal([4096, 512]), requiresGrad: true)
    let norm = LayerNorm(512)
    return {
      x.grad = nil
      norm.zeroGrad()
      norm(x).softmax(axis: 1).square().sum().backward()
    }
  }
}

/// A training step towards fixed targets, with mean squared error.
private func sequenceTraining(
  _ name: String, inputs: Shape, outputs: Shape, _ makeNet: @escaping () -> Module,
  optimizer makeOptimizer: @escaping ([Named<Variable>]) -> Optimizer
) -> Workload {
  Workload(name) {
    let net = makeNet()
    let optimizer = makeOptimizer(net.parameters)
    let (x, target) = (Tensor.randomNormal(inputs), Tensor.randomNormal(outputs))
    return {
      optimizer.zeroGrad()
      mse(net(x), target).backward()
      optimizer.step()
    }
  }
}
