import NN

/// Two 3×3 convolutions whose result is added to their input.
final class BasicBlock: Module {
  let conv1: Conv2D
  let bn1: BatchNorm2D
  let conv2: Conv2D
  let bn2: BatchNorm2D
  /// Projects the input to the shape of the result, where the two differ.
  let downsample: Sequential?

  init(_ inputs: Int, _ outputs: Int, stride: Pair) {
    conv1 = Conv2D(inputs, outputs, kernel: 3, stride: stride, padding: 1, bias: false)
    bn1 = BatchNorm2D(outputs)
    conv2 = Conv2D(outputs, outputs, kernel: 3, padding: 1, bias: false)
    bn2 = BatchNorm2D(outputs)
    downsample =
      stride == 1 && inputs == outputs
      ? nil : Sequential(Conv2D(inputs, outputs, kernel: 1, stride: stride, bias: false), BatchNorm2D(outputs))
  }

  override func forward(_ x: Variable) -> Variable {
    let y = bn2(conv2(bn1(conv1(x)).relu()))
    return (y + (downsample?(x) ?? x)).relu()
  }
}

/// ResNet-18 as torchvision defines it: images [N, 3, H, W] to scores [N, classes]. He et al. 2016.
///
/// Names are those of torchvision's `state_dict`, so that its weights load from a safetensors file.
final class ResNet18: Module {
  let conv1 = Conv2D(3, 64, kernel: 7, stride: 2, padding: 3, bias: false)
  let bn1 = BatchNorm2D(64)
  let layer1 = ResNet18.stage(64, 64, stride: 1)
  let layer2 = ResNet18.stage(64, 128, stride: 2)
  let layer3 = ResNet18.stage(128, 256, stride: 2)
  let layer4 = ResNet18.stage(256, 512, stride: 2)
  let fc: Linear

  init(classes: Int = 1000) {
    fc = Linear(512, classes)
    super.init()
    apply { if let layer = $0 as? Conv2D { Initializer.heNormal(fan: .outgoing).fill(layer.weight) } }
  }

  override func forward(_ x: Variable) -> Variable {
    let stem = bn1(conv1(x)).relu().maxPool2d(3, stride: 2, padding: 1)
    return fc(layer4(layer3(layer2(layer1(stem)))).mean(axes: [2, 3]))
  }

  private static func stage(_ inputs: Int, _ outputs: Int, stride: Pair) -> Sequential {
    Sequential(BasicBlock(inputs, outputs, stride: stride), BasicBlock(outputs, outputs, stride: 1))
  }
}
