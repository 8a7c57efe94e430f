import Datasets
import Tensors

/// A batch of 128 images of 28×28 out of a thousand, each turned and shifted in a way of its own, half of them mirrored: what
/// stands before a step of LeNet, and should take less than a tenth of it.
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
