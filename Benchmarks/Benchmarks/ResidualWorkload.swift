import NN
import Optim

// ResNet-18 (He et al. 2016) and MobileNetV2 (Sandler et al. 2018) on 224×224 images: convolutions, batch
// normalizations and residual sums as in practice.

var residualWorkloads: [Workload] {
  [
    training("resnet18_b8_momentum", inputs: [8, 3, 224, 224], resNet18) { Momentum($0, learningRate: 0.01) },
    training("mobilenetv2_b8_momentum", inputs: [8, 3, 224, 224], mobileNetV2) { Momentum($0, learningRate: 0.01) },
  ]
}

private func resNet18() -> Module {
  Sequential(
    convolved(3, 64, kernel: 7, stride: 2), ReLU(), MaxPool2D(3, stride: 2, padding: 1),
    ResidualBlock(64, 64), ResidualBlock(64, 64), ResidualBlock(64, 128, stride: 2), ResidualBlock(128, 128),
    ResidualBlock(128, 256, stride: 2), ResidualBlock(256, 256), ResidualBlock(256, 512, stride: 2),
    ResidualBlock(512, 512), AdaptiveAvgPool2D(1), Flatten(), Linear(512, 1000))
}

private func convolved(
  _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1
) -> Sequential {
  Sequential(
    Conv2D(inputs, outputs, kernel: Pair(kernel), stride: Pair(stride), padding: .same, groups: groups, bias: false),
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

private func mobileNetV2() -> Module {
  let net = Sequential(convolved(3, 32, kernel: 3, stride: 2), ReLU6())
  var inputs = 32
  for (expansion, outputs, count, stride) in [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
  ] {
    for block in 0..<count {
      net.append(invertedResidual(inputs, outputs, stride: block == 0 ? stride : 1, expansion: expansion))
      inputs = outputs
    }
  }
  net.append(contentsOf: [
    convolved(320, 1280, kernel: 1), ReLU6(), AdaptiveAvgPool2D(1), Flatten(), Linear(1280, 1000),
  ])
  return net
}

/// More channels by a 1×1 convolution, a depthwise one, fewer channels; added to the input where shapes allow.
private func invertedResidual(_ inputs: Int, _ outputs: Int, stride: Int, expansion: Int) -> Module {
  let wide = inputs * expansion
  let body = Sequential(
    convolved(wide, wide, kernel: 3, stride: stride, groups: wide), ReLU6(), convolved(wide, outputs, kernel: 1))
  if expansion > 1 {
    body.insert(ReLU6(), at: 0)
    body.insert(convolved(inputs, wide, kernel: 1), at: 0)
  }
  return stride == 1 && inputs == outputs ? Residual(body) : body
}
