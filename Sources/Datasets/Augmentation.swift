import Foundation
import Tensors

/// A random change to a batch of images that preserves their meaning, to train on more than was collected.
///
/// Images are [N, C, H, W] of a float type, 0 being the background; stops for other inputs. Each image is changed
/// independently, with numbers drawn from the generator that comes with the batch. Sizes, angles and deviations are not
/// negative.
public struct Augmentation: Sendable {
  private let change: @Sendable (Batch, RandomGenerator) -> Batch

  /// Creates an augmentation from a closure that draws from the given generator and no other.
  public init(_ change: @escaping @Sendable (Batch, RandomGenerator) -> Batch) { self.change = change }

  /// The changed batch.
  public func callAsFunction(_ batch: Batch, _ generator: RandomGenerator) -> Batch { change(batch, generator) }

  /// An augmentation of the inputs only.
  private static func ofImages(
    _ name: String, _ change: @escaping @Sendable (Tensor, RandomGenerator) -> Tensor
  ) -> Augmentation {
    Augmentation { batch, generator in
      require(
        batch.inputs.rank == 4 && batch.inputs.dtype.isFloatingPoint,
        "\(name): wants images [N, C, H, W] of float32 or float64, got \(batch.inputs.dtype) \(batch.inputs.shape)")
      return Batch(inputs: change(batch.inputs, generator), targets: batch.targets)
    }
  }
}

extension Augmentation {
  /// Rotated, scaled, sheared and shifted about the center in one step, with bilinear interpolation between pixels and
  /// 0 outside. torchvision's `RandomAffine`, with every number uniform in its range.
  ///
  /// - Parameters:
  ///   - rotation: The largest angle in degrees, either way.
  ///   - shift: The furthest shift in pixels along each axis, either way, in fractions too.
  ///   - scale: The range of factors, above 0.
  ///   - shear: The largest horizontal slant in degrees, either way, below 90.
  public static func affine(
    rotation: Double = 0, shift: Double = 0, scale: ClosedRange<Double> = 1...1, shear: Double = 0
  ) -> Augmentation {
    require(
      rotation >= 0 && shift >= 0 && scale.lowerBound > 0 && (0..<90).contains(shear),
      "affine: wants a rotation and a shift that are not negative, a positive scale and a shear below 90 degrees, "
        + "got \(rotation), \(shift), \(scale) and \(shear)")
    return ofImages("affine") { images, generator in
      let count = images.shape[0]
      let draws = Tensor.randomUniform([count, 5], low: -1, high: 1, dtype: .float64, generator: generator)
        .scalars(as: Double.self)
      let maps = (0..<count).map { image in
        let draw = draws[5 * image..<5 * image + 5].map { $0 }
        return AffineMap(
          rotation: draw[0] * rotation, shear: draw[1] * shear,
          scale: scale.lowerBound + (draw[2] + 1) / 2 * (scale.upperBound - scale.lowerBound),
          shift: (draw[3] * shift, draw[4] * shift))
      }
      return images.resampled(Tensor(maps.flatMap(\.rows), shape: [count, 2, 3]))
    }
  }

  /// A random window of the image's own size, from the image padded with `padding` zeros on each side.
  /// torchvision's `RandomCrop`.
  public static func crop(padding: Int) -> Augmentation {
    require(padding >= 0, "crop: the padding must not be negative, got \(padding)")
    require(padding < 1 << 31, "crop: the padding must be less than 2^31, got \(padding)")
    return ofImages("crop") { images, generator in
      let places = 0..<(2 * padding + 1)
      let windows = corners(images.shape[0], (places, places), generator)
      return images.windows(at: windows.map { ($0.row - padding, $0.column - padding) })
    }
  }

  /// Mirrored left to right with a probability from 0 to 1. torchvision's `RandomHorizontalFlip`.
  public static func horizontalFlip(probability: Double = 0.5) -> Augmentation {
    flip(probability) { $0[.ellipsis, .stride(by: -1)] }
  }

  /// Mirrored top to bottom with a probability from 0 to 1. torchvision's `RandomVerticalFlip`.
  public static func verticalFlip(probability: Double = 0.5) -> Augmentation {
    flip(probability) { $0[.ellipsis, .stride(by: -1), .all] }
  }

  private static func flip(
    _ probability: Double, _ mirrored: @escaping @Sendable (Tensor) -> Tensor
  ) -> Augmentation {
    require(
      (0...1).contains(probability), "flip: a probability lies between 0 and 1, got \(probability)")
    return ofImages("flip") { images, generator in
      let isChosen = Tensor.bernoulli(
        [images.shape[0], 1, 1, 1], probability: probability, dtype: .bool, generator: generator)
      // Contiguous, so that one loop, on all threads, chooses from all images.
      return .where(isChosen, mirrored(images).contiguous(), images)
    }
  }

  /// Normal noise of a standard deviation, in the pixels' unit, added to every pixel.
  public static func noise(standardDeviation: Double) -> Augmentation {
    require(standardDeviation >= 0, "noise: the standard deviation must not be negative, got \(standardDeviation)")
    return ofImages("noise") { images, generator in
      images
        + .randomNormal(
          images.shape, standardDeviation: standardDeviation, dtype: images.dtype, generator: generator)
    }
  }

  /// A square of `size` × `size` pixels set to 0 around a random pixel. DeVries and Taylor 2017.
  public static func cutout(size: Int) -> Augmentation {
    require(size >= 0, "cutout: the size must not be negative, got \(size)")
    return ofImages("cutout") { images, generator in
      let (height, width) = (images.shape[2], images.shape[3])
      var isKept = [Bool](repeating: true, count: images.shape[0] * height * width)
      for (image, place) in corners(images.shape[0], (0..<height, 0..<width), generator).enumerated() {
        let (top, left) = (place.row - size / 2, place.column - size / 2)
        for row in max(0, top)..<max(0, min(height, top + size)) {
          for column in max(0, left)..<max(0, min(width, left + size)) {
            isKept[(image * height + row) * width + column] = false
          }
        }
      }
      return images * Tensor(isKept, shape: [images.shape[0], 1, height, width]).cast(to: images.dtype)
    }
  }

  /// Each image mixed with another of the batch, and their classes likewise: λ a + (1 − λ) b, λ from Beta(α, α).
  ///
  /// λ is drawn once per batch; α is above 0. Labels [N] become probabilities [N, classes], which cross entropy takes,
  /// too; targets of a float type are mixed as they are. Zhang et al. 2018.
  public static func mixup(alpha: Double = 0.2, classes: Int) -> Augmentation {
    require(alpha > 0, "mixup: alpha must be positive, got \(alpha)")
    require(alpha.isFinite, "mixup: alpha must be finite, got \(alpha)")
    return Augmentation { batch, generator in
      let share = generator.beta(alpha)
      let order = generator.permutation(batch.count)
      let targets =
        batch.targets.dtype.isFloatingPoint
        ? batch.targets : Tensor.oneHot(batch.targets, classes: classes).cast(to: batch.inputs.dtype)
      func mixed(_ x: Tensor) -> Tensor { x * share + x.indexSelect(axis: 0, order) * (1 - share) }
      return Batch(inputs: mixed(batch.inputs), targets: mixed(targets))
    }
  }

  /// A random place for each image.
  private static func corners(
    _ count: Int, _ ranges: (rows: Range<Int>, columns: Range<Int>), _ generator: RandomGenerator
  ) -> [(row: Int, column: Int)] {
    if ranges.rows.isEmpty || ranges.columns.isEmpty { return [] }
    let rows = Tensor.randomIntegers([count], in: ranges.rows, generator: generator).scalars(as: Int.self)
    let columns = Tensor.randomIntegers([count], in: ranges.columns, generator: generator).scalars(as: Int.self)
    return Array(zip(rows, columns)).map { (row: $0, column: $1) }
  }
}

extension RandomGenerator {
  /// A random number from Beta(α, α).
  fileprivate func beta(_ alpha: Double) -> Double { alpha <= 1 ? betaByPowers(alpha) : betaByRatio(alpha) }

  /// Jöhnk's method: x / (x + y) for x = u^(1/α), y = v^(1/α) if x + y ≤ 1, which is unlikely for large α.
  private func betaByPowers(_ alpha: Double) -> Double {
    while true {
      // In logarithms, because for small α both powers may underflow.
      let (x, y) = (log(uniform()), log(uniform()))
      if exp(x / alpha) + exp(y / alpha) <= 1 { return 1 / (1 + exp((y - x) / alpha)) }
    }
  }

  /// Cheng's method BB for α > 1 (Communications of the ACM 21, 1978): at most 1.5 trials on average.
  private func betaByRatio(_ alpha: Double) -> Double {
    let root = alpha.squareRoot()
    while true {
      let (u, w) = (uniform(), uniform())
      let v = log(u / (1 - u)) / root
      let x = alpha * exp(v)
      if (alpha + root) * v - log(4) + 2 * alpha * log(2 * alpha / (alpha + x)) >= log(u * u * w) {
        return x / (alpha + x)
      }
    }
  }

  /// A number above 0 and up to 1.
  private func uniform() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }
}
