import Foundation
import NN
import Optim

// The same sizes, arithmetic, optimizers and names as in Benchmarks/peers.

/// All lines of the table, in order.
var workloads: [Workload] {
  var all = [scalarChain, elementwise, startup]
  all += [64, 256, 1024, 2048].map(matrixProduct)
  all += networkWorkloads + optimizerWorkloads + convolutionWorkloads + sequenceWorkloads
  all += scalingWorkloads + storageWorkloads + [augmentation]
  return all
}

private var networkWorkloads: [Workload] {
  [
    training("digits_mlp_b100_sgd", batch: 100, [64, 100, 10]) { SGD($0, learningRate: 0.01) },
    training("softmax_784_10_b16_sgd", batch: 16, [784, 10]) { SGD($0, learningRate: 0.01) },
    training("mnist_mlp_b128_momentum", batch: 128, [784, 500, 300, 100, 10]) { Momentum($0, learningRate: 0.01) },
    training("mnist_mlp_b1000_momentum", batch: 1000, [784, 500, 300, 100, 10]) { Momentum($0, learningRate: 0.01) },
    autoencoder,
  ]
}

/// a = a · 1.0001 + x, 500 times on single values; backward; release.
private var scalarChain: Workload {
  Workload("scalar_chain_1000ops") {
    let x = Variable(Tensor.full([], 0.5), requiresGrad: true)
    let start = Variable(Tensor.full([], 1), requiresGrad: true)
    return {
      var a = start
      for _ in 0..<500 { a = a * 1.0001 + x }
      a.backward()
      x.grad = nil
      start.grad = nil
    }
  }
}

/// Σ tanh(x) · σ(x) + x · x on a million numbers, forward and backward.
private var elementwise: Workload {
  Workload("elementwise_1M") {
    let x = Variable(Tensor.randomNormal([1_000_000]), requiresGrad: true)
    return {
      (x.tanh() * x.sigmoid() + x * x).sum().backward()
      x.grad = nil
    }
  }
}

/// Starts another process that prints a 2×2 matrix product, and waits until it ends.
private var startup: Workload {
  Workload("startup") {
    let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("StartupBenchmark")
    return {
      let process = Process()
      process.executableURL = program
      process.standardOutput = FileHandle.nullDevice
      // Not `waitUntilExit`, which polls every 50 ms.
      let ended = DispatchSemaphore(value: 0)
      process.terminationHandler = { _ in ended.signal() }
      do { try process.run() } catch { fatalError("cannot start \(program.path): \(error)") }
      ended.wait()
    }
  }
}

private func matrixProduct(_ size: Int) -> Workload {
  Workload("sgemm_\(size)") {
    let (a, b) = (Tensor.randomNormal([size, size]), Tensor.randomNormal([size, size]))
    return { _ = a • b }
  }
}

/// A fully connected network with ReLU.
private func training(
  _ name: String, batch: Int, _ sizes: [Int], _ makeOptimizer: @escaping ([Named<Variable>]) -> Optimizer
) -> Workload {
  training(name, inputs: [batch, sizes[0]], { perceptron(sizes) }, optimizer: makeOptimizer)
}

/// A training step towards ten classes, with cross entropy.
func training(
  _ name: String, inputs: Shape, _ makeNet: @escaping () -> Module,
  optimizer makeOptimizer: @escaping ([Named<Variable>]) -> Optimizer
) -> Workload {
  Workload(name) {
    let net = makeNet()
    let optimizer = makeOptimizer(net.parameters)
    let images = Tensor.randomUniform(inputs)
    let labels = Tensor.randomIntegers([inputs[0]], in: 0..<10)
    return {
      optimizer.zeroGrad()
      crossEntropy(net(images), labels).backward()
      optimizer.step()
    }
  }
}

private var autoencoder: Workload {
  Workload("autoencoder_b256_adam") {
    let net = perceptron([784, 512, 256, 128, 30, 128, 256, 512, 784])
    let optimizer = Adam(net.parameters, learningRate: 1e-3)
    let images = Tensor.randomUniform([256, 784])
    return {
      optimizer.zeroGrad()
      mse(net(images), images).backward()
      optimizer.step()
    }
  }
}

private func perceptron(_ sizes: [Int]) -> Sequential {
  let net = Sequential([])
  for (inputs, outputs) in zip(sizes, sizes.dropFirst()) {
    if net.count > 0 { net.append(ReLU()) }
    net.append(Linear(inputs, outputs))
  }
  return net
}
