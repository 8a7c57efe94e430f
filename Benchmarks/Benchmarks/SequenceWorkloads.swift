import NN
import Optim

// Networks over sequences, the same as in Benchmarks/peers.

/// The sequence lines of the table, in order.
var sequenceWorkloads: [Workload] {
  [
    regression("transformer_block_b8_t128_d256", inputs: [8, 128, 256], outputs: [8, 128, 256]) {
      TransformerEncoderLayer(
        256, heads: 8, feedForward: 1024, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
    } optimizer: {
      AdamW($0, learningRate: 1e-3)
    },
    regression("lstm_b32_t50_h128", inputs: [32, 50, 64], outputs: [32, 50, 128]) {
      LSTM(64, 128, batchFirst: true)
    } optimizer: {
      SGD($0, learningRate: 0.01)
    },
    languageModel,
    layerNormSoftmax,
  ]
}

/// A step of training a GPT of two layers towards the next of 10,000 words.
private var languageModel: Workload {
  Workload("gpt_b4_t128_d256_adamw") {
    let net = GPT(words: 10_000, context: 128, size: 256)
    let optimizer = AdamW(net.parameters, learningRate: 1e-3)
    let text = Tensor.randomIntegers([4, 128], in: 0..<10_000), next = Tensor.randomIntegers([512], in: 0..<10_000)
    return {
      optimizer.zeroGrad()
      crossEntropy(net(text).flatten(endAxis: 1), next).backward()
      optimizer.step()
    }
  }
}

/// Causal Transformer layers over words and positions, which score words by the table that embeds them (Radford et al.
/// 2019).
private final class GPT: Module {
  let words, positions: Embedding
  let body: TransformerEncoder

  init(words count: Int, context: Int, size: Int) {
    words = Embedding(weight: Tensor.randomNormal([count, size]) * 0.02)
    positions = Embedding(weight: Tensor.randomNormal([context, size]) * 0.02)
    body = TransformerEncoder(layers: 2, norm: LayerNorm(size)) {
      TransformerEncoderLayer(
        size, heads: 8, feedForward: 4 * size, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
    }
  }

  override func forward(_ x: Variable) -> Variable {
    body(words(x) + positions.weight, isCausal: true).linear(weight: words.weight)
  }
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
func regression(
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
