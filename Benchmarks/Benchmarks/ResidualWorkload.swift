import NN
import Optim

// ResNet-18 (He et al. 2016) on 224×224 images: convolutions, batch normalizations and residual sums as in practice.

var residualWorkload: Workload {
  training("resnet18_b8_momentum", inputs: [8, 3, 224, 224], resNet18) { Momentum($0, learningRate: 0.01) }
}

private func resNet18() -> Module {
  Sequential(
    convolved(3, 64, kernel: 7, stride: 2), ReLU(), MaxPool2D(3, stride: 2, padding: 1),
    ResidualBlock(64, 64), ResidualBlock(64, 64), ResidualBlock(64, 128, stride: 2), ResidualBlock(128, 128),
    ResidualBlock(128, 256, stride: 2), ResidualBlock(256, 256), ResidualBlock(256, 512, stride: 2),
    ResidualBlock(512, 512), AdaptiveAvgPool2D(1), Flatten(), Linear(512, 1000))
}

private func convolved(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1) -> Sequential {
  Sequential(
    Conv2D(inputs, outputs, kernel: Pair(kernel), stride: Pair(stride), padding: .same, bias: false),
    BatchNorm2D(outputs))
}

private final class ResidualBlock: Module {
  let (first, second): (Sequential, Sequential)
  let shortcut: Sequential?

  init(_ inputs: Int, _ outputs: Int, stride: Int = 1) {
    first = convolved(inputs, outputs, kernel: 3, stride: stride)
    second = convolved(outputs, outputs, kernel: 3)
    shortcut = inputs == outputs ? nil : convolved(inputs, outputs, kernel: 1, stride: stride)
  }

  override func forward(_ x: Variable) -> Variable { (second(first(x).relu()) + (shortcut?(x) ?? x)).relu() }
}
