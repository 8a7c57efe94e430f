import Datasets
import Tensors

/// Augments a batch of 128 out of a thousand 28×28 images: a random rotation and shift for each, half of them mirrored.
/// A training loop pays this before every step of LeNet; it should take less than a tenth of the step.
var augmentation: Workload {
  Workload("augment_b128") {
    let set = TensorDataset(
      inputs: .randomUniform([1_000, 1, 28, 28]), targets: Tensor.zeros([1_000]).cast(to: .int64))
    let positions = (0..<128).map { $0 * 7 }
    let changes: [Augmentation] = [.affine(rotation: 5, shift: 1), .horizontalFlip()]
    let generator = RandomGenerator(seed: 1)
    return { _ = changes.reduce(set.batch(at: positions)) { $1($0, generator) } }
  }
}
