import Datasets
import NN
import Training

/// The networks to choose from.
enum Architecture: String, CaseIterable, OptionValue {
  case softmax, mlp, lenet, best

  /// All settings of a training run.
  struct Plan {
    var net: Sequential
    var epochs: Int
    var batchSize = 128
    var learningRate: Double
    var weightDecay = 0.0
    var labelSmoothing = 0.0
    var augmentations: [Augmentation] = []
    /// Whether a mirrored image shows the same thing; then predictions average over the image and its mirror image.
    var isMirrorable = false
  }

  func plan(for images: LabeledImages) -> Plan {
    let (pixels, classes) = (images.vectors.shape[1], images.classCount)
    let isSmall = images.rows < 28
    // Mirrored clothes are still clothes of the same class; mirrored digits are not.
    let isMirrorable = images.classNames == MNIST.fashionClassNames
    let mirrored: [Augmentation] = isMirrorable ? [.horizontalFlip()] : []
    switch self {
    case .softmax:
      return Plan(net: dense([pixels, classes]), epochs: isSmall ? 60 : 10, learningRate: 1e-2)
    case .mlp:
      return Plan(
        net: dense([pixels, 500, 300, 100, classes]), epochs: isSmall ? 40 : 10, learningRate: 2e-3, weightDecay: 1e-2)
    case .lenet:
      return Plan(
        net: lenetLayers(images, channels: [32, 64], hidden: 512), epochs: 40, learningRate: 2e-3,
        weightDecay: 1e-2, augmentations: [.affine(rotation: 5, shift: 1)] + mirrored, isMirrorable: isMirrorable)
    case .best:
      return Plan(
        net: residual(images, width: isSmall ? 16 : 32), epochs: isSmall ? 40 : 30, learningRate: 5e-3,
        weightDecay: 5e-2,
        labelSmoothing: 0.05,
        augmentations: isSmall
          ? [.affine(rotation: 5, shift: 0.5)]
          : [.crop(padding: 2)] + mirrored + [.cutout(size: 8)],
        isMirrorable: isMirrorable)
    }
  }
}

/// Linear layers of the given sizes with ReLU between them.
private func dense(_ sizes: [Int]) -> Sequential {
  Sequential {
    Flatten()
    for (place, pair) in zip(sizes, sizes.dropFirst()).enumerated() {
      if place > 0 { ReLU() }
      Linear(pair.0, pair.1)
    }
  }
}

/// Two 5×5 convolutions, each followed by 2×2 pooling, and two dense layers with dropout. After LeCun et al. 1998.
private func lenetLayers(_ images: LabeledImages, channels: [Int], hidden: Int) -> Sequential {
  let size = images.rows / 4 * (images.columns / 4) * channels[1]
  return Sequential {
    Conv2D(1, channels[0], kernel: 5, padding: 2)
    ReLU()
    MaxPool2D(2)
    Conv2D(channels[0], channels[1], kernel: 5, padding: 2)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Dropout(0.25)
    Linear(size, hidden)
    ReLU()
    Dropout(0.5)
    Linear(hidden, images.classCount)
  }
}

/// A residual net of three stages, after He et al. 2016.
private func residual(_ images: LabeledImages, width: Int) -> Sequential {
  func convolution(_ inputs: Int, _ outputs: Int) -> [Module] {
    [Conv2D(inputs, outputs, kernel: 3, padding: 1, bias: false), BatchNorm2D(outputs), ReLU()]
  }
  func stage(_ inputs: Int, _ outputs: Int) -> [Module] {
    convolution(inputs, outputs) + [
      MaxPool2D(2), Residual(Sequential(convolution(outputs, outputs) + convolution(outputs, outputs))),
    ]
  }
  return Sequential {
    convolution(1, width)
    stage(width, 2 * width)
    stage(2 * width, 4 * width)
    GlobalAveragePool()
    Dropout(0.2)
    Linear(4 * width, images.classCount)
  }
}
