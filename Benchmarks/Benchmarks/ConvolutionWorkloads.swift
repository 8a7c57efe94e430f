import NN
import Optim

// Convolutional networks and single convolutions, the same as in Benchmarks/peers.

/// The convolution lines of the table, in order.
var convolutionWorkloads: [Workload] {
  [
    training("lenet_b64_adam", inputs: [64, 1, 28, 28], lenet) { Adam($0, learningRate: 0.001) },
    training("seed_convnet_b16_sgd", inputs: [16, 1, 28, 28], smallConvnet) { SGD($0, learningRate: 0.01) },
  ] + residualWorkloads + [
    regression("dcgan_b16_adam", inputs: [16, 100, 1, 1], outputs: [16, 1, 1, 1], dcgan) {
      Adam($0, learningRate: 1e-3)
    },
    convolution("conv3x3_n8_c64_56", channels: 64, size: 56),
    convolution("conv3x3_n8_c128_28", channels: 128, size: 28),
    convolution("conv3x3_n8_c256_14", channels: 256, size: 14),
  ]
}

/// Two 5×5 convolutions, each followed by 2×2 pooling, then a hidden layer with dropout and ten classes.
func lenet() -> Sequential {
  Sequential(
    Conv2D(1, 32, kernel: 5, padding: 2), ReLU(), MaxPool2D(2), Conv2D(32, 64, kernel: 5, padding: 2), ReLU(),
    MaxPool2D(2), Flatten(), Linear(3136, 512), ReLU(), Dropout(0.5), Linear(512, 10))
}

/// The net of a course notebook: 1×28×28 to 28×28, 14×14, 14×14, 7×7, one channel throughout, then 49-20-10.
private func smallConvnet() -> Sequential {
  Sequential(
    Conv2D(1, 1, kernel: 3, padding: 1), Conv2D(1, 1, kernel: 2, stride: 2), Conv2D(1, 1, kernel: 3, padding: 1),
    Conv2D(1, 1, kernel: 2, stride: 2), Flatten(), Linear(49, 20), ReLU(), Linear(20, 10))
}

/// The generator and the discriminator of a DCGAN (Radford et al. 2015) in sequence: noise to 3×64×64 images to scores.
private func dcgan() -> Module {
  let net = Sequential(ConvTranspose2D(100, 512, kernel: 4, bias: false), BatchNorm2D(512), ReLU())
  for channels in [512, 256, 128] {
    net.append(contentsOf: [
      ConvTranspose2D(channels, channels / 2, kernel: 4, stride: 2, padding: 1, bias: false),
      BatchNorm2D(channels / 2), ReLU(),
    ])
  }
  net.append(contentsOf: [
    ConvTranspose2D(64, 3, kernel: 4, stride: 2, padding: 1, bias: false), Tanh(),
    Conv2D(3, 64, kernel: 4, stride: 2, padding: 1, bias: false), LeakyReLU(negativeSlope: 0.2),
  ])
  for channels in [64, 128, 256] {
    net.append(contentsOf: [
      Conv2D(channels, 2 * channels, kernel: 4, stride: 2, padding: 1, bias: false), BatchNorm2D(2 * channels),
      LeakyReLU(negativeSlope: 0.2),
    ])
  }
  net.append(Conv2D(512, 1, kernel: 4, bias: false))
  return net
}

/// A 3×3 convolution with padding 1 on eight images: forward, and the gradients of input, weight and bias.
private func convolution(_ name: String, channels: Int, size: Int) -> Workload {
  Workload(name) {
    let x = Variable(Tensor.randomNormal([8, channels, size, size]), requiresGrad: true)
    let layer = Conv2D(channels, channels, kernel: 3, padding: 1)
    let upstream = Tensor.randomNormal([8, channels, size, size])
    return {
      layer(x).backward(gradient: upstream)
      x.grad = nil
      layer.zeroGrad()
    }
  }
}
