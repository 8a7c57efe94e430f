import Datasets
import Tensors
import Testing

private let set = TensorDataset(inputs: .ones([3, 2]), targets: .ones([3]))

/// A misuse of the library, and the message that the program stops with.
private let mistakes: [(sentence: String, make: @Sendable () -> Void)] = [
  ("DataLoader: prefetch must not be negative, got -1", { _ = DataLoader(set, batchSize: 1, prefetch: -1) }),
  (
    "DataLoader: epoch 0 from batch 4: there are 3 batches, numbered from 0",
    { _ = DataLoader(set, batchSize: 1).epoch(0, from: 4) }
  ),
  ("Subset: there is no sample 3 among 3, numbered from 0", { _ = set.subset([0, 3]) }),
  ("TensorDataset: there is no sample -1 among 3, numbered from 0", { _ = set.batch(at: [0, -1]) }),
  ("LabeledImages: there is no sample -1 among 1797, numbered from 0", { _ = try? Digits.load().batch(at: [-1]) }),
  ("moons: a set has 0 samples or more, got -1", { _ = TensorDataset.moons(count: -1, seed: 1) }),
  (
    "Batch: inputs [2, 1] and targets [3] must have one first size, the number of samples",
    { _ = Batch(inputs: .ones([2, 1]), targets: .ones([3])) }
  ),
  (
    "TensorDataset: inputs [2, 1] and targets [3] must have one first size, the number of samples",
    { _ = TensorDataset(inputs: .ones([2, 1]), targets: .ones([3])) }
  ),
  ("DataLoader: a batch has at least one sample, got batchSize 0", { _ = DataLoader(set, batchSize: 0) }),
  ("split: testFraction lies between 0 and 1, got 20.0", { _ = set.split(testFraction: 20, seed: 1) }),
  ("split: 2 strata for 3 samples", { _ = set.split(testFraction: 0.5, seed: 1, strata: [0, 1]) }),
  ("KFold: 4 folds of 3 samples; wants 2 folds to one a sample", { _ = KFold(count: 3, folds: 4, seed: 1) }),
  (
    "gaussianClouds: wants centers with equally many coordinates, got [[1.0], [1.0, 2.0]]",
    { _ = TensorDataset.gaussianClouds(count: 4, centers: [[1], [1, 2]], seed: 1) }
  ),
  ("spirals: wants at least one arm, got 0", { _ = TensorDataset.spirals(count: 4, classes: 0, seed: 1) }),
  ("mixup: alpha must be finite, got inf", { _ = Augmentation.mixup(alpha: .infinity, classes: 2) }),
  (
    "crop: the padding must be less than 2^31, got 4611686018427387904",
    { _ = Augmentation.crop(padding: 1 << 62) }
  ),
  (
    "Standardizer: wants at least one sample of float32 or float64, got float32 [0, 3]",
    { _ = Standardizer(fitting: .ones([0, 3])) }
  ),
  (
    "Standardizer: wants samples [N, 2] of float32, got float32 [3]",
    { _ = Standardizer(fitting: .ones([3, 2]))(.ones([3])) }
  ),
  (
    "affine: wants images [N, C, H, W] of float32 or float64, got float32 [3, 2]",
    { _ = Augmentation.affine()(set.all, RandomGenerator(seed: 1)) }
  ),
  ("affine: wants a rotation and a shift that are not negative", { _ = Augmentation.affine(shift: -1) }),
  ("crop: the padding must not be negative, got -1", { _ = Augmentation.crop(padding: -1) }),
  ("flip: a probability lies between 0 and 1, got 2.0", { _ = Augmentation.horizontalFlip(probability: 2) }),
  ("noise: the standard deviation must not be negative, got -1.0", { _ = Augmentation.noise(standardDeviation: -1) }),
  ("mixup: alpha must be positive, got 0.0", { _ = Augmentation.mixup(alpha: 0, classes: 2) }),
]

@Suite struct MistakeTests {
  @Test(arguments: mistakes.indices) func saysWhatIsWrong(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      mistakes[number].make()
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains(mistakes[number].sentence))
  }
}
