import Datasets
import Tensors
import Testing

/// One image of distinct numbers.
private let image = Batch(
  inputs: Tensor.arange(1, 2 * 5 * 6 + 1).reshape([1, 2, 5, 6]), targets: Tensor([3], shape: [1]))

private func augmented(_ augmentation: Augmentation, _ batch: Batch = image, seed: UInt64 = 1) -> Batch {
  augmentation(batch, RandomGenerator(seed: seed))
}

@Suite struct AugmentationTests {
  @Test func nothingAskedChangesNothing() {
    #expect(augmented(.affine()).inputs == image.inputs)
    #expect(augmented(.crop(padding: 0)).inputs == image.inputs)
    #expect(augmented(.cutout(size: 0)).inputs == image.inputs)
    #expect(augmented(.horizontalFlip(probability: 0)).inputs == image.inputs)
  }

  @Test func flipsMirror() {
    #expect(augmented(.horizontalFlip(probability: 1)).inputs == image.inputs[.ellipsis, .stride(by: -1)])
    #expect(augmented(.verticalFlip(probability: 1)).inputs == image.inputs[.ellipsis, .stride(by: -1), .all])
    #expect(augmented(.verticalFlip(probability: 1)).targets == image.targets)
  }

  /// A crop is a whole-pixel shift with zeros from outside.
  @Test func cropsAreWindows() {
    let padding = 2
    var padded = Tensor.zeros([1, 2, 5 + 2 * padding, 6 + 2 * padding])
    padded[.ellipsis, padding..<padding + 5, padding..<padding + 6] = image.inputs
    var seen: Set<Int> = []
    for seed in 0..<60 {
      let crop = augmented(.crop(padding: padding), seed: UInt64(seed)).inputs
      let place = (0..<25).first { crop == padded[.ellipsis, $0 / 5..<$0 / 5 + 5, $0 % 5..<$0 % 5 + 6] }
      #expect(place != nil)
      seen.insert(place ?? -1)
    }
    #expect(seen.count > 15)
  }

  @Test func cutoutBlacksOutASquare() {
    let cut = augmented(.cutout(size: 3)).inputs
    let isBlack = (cut .== 0).cast(to: .float32)
    #expect((4...9).contains(isBlack[0, 0].sum().item()))
    #expect(isBlack[0, 0] == isBlack[0, 1])
    #expect(Tensor.where(cut .> 0, cut, image.inputs) == image.inputs)
  }

  /// A dot at the center stays there under rotation, scaling and shear.
  @Test func affineKeepsTheCenterOfADot() {
    var dot = Tensor.zeros([64, 1, 15, 15])
    dot[.all, 0, 7, 7] = Tensor.ones([64])
    let turned = augmented(.affine(rotation: 180, scale: 0.5...1, shear: 30), Batch(inputs: dot, targets: .zeros([64])))
    #expect((turned.inputs[.all, 0, 7, 7] - 1).abs().max().item() < 1e-6)
  }

  /// A shift by half a pixel gives the mean of neighbours, as PyTorch's `grid_sample` with `align_corners=True` does.
  @Test func shiftsAreInterpolated() {
    let ramp = Tensor.arange(8).reshape([1, 1, 1, 8]).expand([500, 1, 1, 8]).contiguous()
    let moved = augmented(.affine(shift: 2), Batch(inputs: ramp, targets: .zeros([500]))).inputs
    for sample in 0..<500 {
      let row = moved[sample, 0, 0].scalars(as: Double.self)
      if row[3] == 0 { continue }  // shifted up or down, and darker
      // On a ramp all inner differences are equal: to the brightness left by the vertical shift.
      #expect(abs((row[4] - row[3]) - (row[5] - row[4])) < 1e-5)
    }
    let shifts = moved[.all, 0, 0, 4].scalars(as: Double.self)
    #expect(Set(shifts.map { ($0 * 4).rounded() }).count > 10)
  }

  @Test func float64ImagesStayFloat64() {
    let wide = Batch(inputs: image.inputs.cast(to: .float64), targets: image.targets)
    let all: [Augmentation] = [
      .affine(rotation: 20), .crop(padding: 1), .cutout(size: 2), .noise(standardDeviation: 0.1), .horizontalFlip(),
      .mixup(classes: 10),
    ]
    for augmentation in all { #expect(augmented(augmentation, wide).inputs.dtype == .float64) }
  }

  /// A batch large enough to be split among threads, the loader's as well as the caller's.
  @Test func threadsDoNotChangeTheBits() {
    let before = Parallelism.threads
    defer { Parallelism.threads = before }
    let set = TensorDataset(
      inputs: .randomUniform([150, 3, 28, 30], generator: RandomGenerator(seed: 2)), targets: .zeros([150]))
    let all: [Augmentation] = [
      .affine(rotation: 20, shift: 2), .crop(padding: 1), .cutout(size: 5), .noise(standardDeviation: 0.1),
      .horizontalFlip(),
    ]
    func batches(threads: Int, prefetch: Int) -> [Tensor] {
      Parallelism.threads = threads
      return DataLoader(set, batchSize: 75, seed: 4, prefetch: prefetch, augmentations: all).epoch(1).map(\.inputs)
    }
    let one = batches(threads: 1, prefetch: 0)
    for (threads, prefetch) in [(1, 2), (2, 0), (2, 2), (4, 0), (4, 2)] {
      #expect(batches(threads: threads, prefetch: prefetch) == one, "\(threads) threads, \(prefetch) ahead")
    }
  }

  /// The row that this seed gave when every pixel was computed separately.
  @Test func aSeedKeepsItsImages() {
    let row = augmented(.affine(rotation: 10, shift: 1, scale: 0.9...1.1, shear: 5), seed: 7).inputs[0, 1, 2]
    #expect((row - [22.87605, 50.132, 50.572598, 51.013203, 51.4538, 51.8944]).abs().max().item() < 1e-4)
  }

  @Test func mixupMixesImagesAndClassesAlike() {
    let count = 6
    let batch = Batch(
      inputs: Tensor.eye(count).reshape([count, 1, 2, 3]), targets: Tensor(Array(0..<count), shape: [count]))
    let mixed = augmented(.mixup(alpha: 1, classes: count), batch)
    #expect(mixed.targets.shape == [count, count])
    #expect(mixed.inputs.reshape([count, count]) == mixed.targets)
    #expect((mixed.targets.sum(axes: [1]) - 1).abs().max().item() < 1e-6)
  }

  /// mixup draws its weights from Beta(α, α): mean ½, variance 1 / (8α + 4).
  @Test(arguments: [0.2, 1, 3, 32]) func mixupDrawsBeta(alpha: Double) {
    let pair = Batch(inputs: Tensor([1, 0]).reshape([2, 1, 1, 1]), targets: Tensor([0, 1], shape: [2]))
    var shares: [Double] = []
    for seed in 0..<4_000 {
      let mixed = augmented(.mixup(alpha: alpha, classes: 2), pair, seed: UInt64(seed)).inputs.scalars(as: Double.self)
      // The permutation of two swaps them half the time; only then can the weight be seen.
      if mixed != [1, 0] { shares.append(mixed[0]) }
    }
    let mean = shares.reduce(0, +) / Double(shares.count)
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count)
    #expect(abs(mean - 0.5) < 0.03)
    #expect(abs(variance * (8 * alpha + 4) - 1) < 0.1)
  }

  /// For a tiny α nearly all weights are 0 or 1; none becomes NaN by underflow.
  @Test(arguments: [1e-5, Double.leastNormalMagnitude / 16]) func mixupOfATinyAlphaTakesOneOrTheOther(alpha: Double) {
    let pair = Batch(inputs: Tensor([1, 0]).reshape([2, 1, 1, 1]), targets: Tensor([0, 1], shape: [2]))
    for seed in 0..<50 {
      let mixed = augmented(.mixup(alpha: alpha, classes: 2), pair, seed: UInt64(seed)).inputs.scalars(as: Double.self)
      #expect([[1, 0], [0, 1]].contains(mixed.map { $0.rounded() }))
    }
  }
}
