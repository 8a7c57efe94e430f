import Foundation
import Tensors

/// Data sets generated from a formula and a seed, to try models on. Inputs are float32 [N, 2] unless noted, labels
/// int64 [N] in equal shares, samples in random order.
extension TensorDataset {
  /// Normally distributed clouds around centers, one class each: two far apart with `centers: [[2, 2], [-2, -2]]`.
  ///
  /// - Parameters:
  ///   - count: Samples in all.
  ///   - centers: A point of any number of coordinates for each class; inputs are [N, coordinates].
  ///   - deviation: The standard deviation of each coordinate.
  ///   - seed: What decides the numbers.
  public static func gaussianClouds(
    count: Int, centers: [[Double]], deviation: Double = 1, seed: UInt64
  ) -> TensorDataset {
    require(
      !centers.isEmpty && centers.allSatisfy { $0.count == centers[0].count },
      "gaussianClouds: wants centers with equally many coordinates, got \(centers)")
    return points("gaussianClouds", count, classes: centers.count, noise: deviation, seed) { label, _ in
      centers[label]
    }
  }

  /// Two interleaving half circles, one class each (scikit-learn's `make_moons`).
  ///
  /// - Parameters:
  ///   - count: Samples in all.
  ///   - noise: The standard deviation of what is added to each coordinate.
  ///   - seed: What decides the numbers.
  public static func moons(count: Int, noise: Double = 0.1, seed: UInt64) -> TensorDataset {
    points("moons", count, classes: 2, noise: noise, seed) { label, share in
      let (x, y) = (cos(.pi * share), sin(.pi * share))
      return label == 0 ? [x, y] : [1 - x, 0.5 - y]
    }
  }

  /// Arms of a spiral around the origin, one class each (CS231n's toy data).
  ///
  /// - Parameters:
  ///   - count: Samples in all.
  ///   - classes: How many arms there are.
  ///   - turns: How often an arm goes round, from radius 0 to 1.
  ///   - noise: The standard deviation of what is added to the angle, in radians.
  ///   - seed: What decides the numbers.
  public static func spirals(
    count: Int, classes: Int = 3, turns: Double = 0.64, noise: Double = 0.2, seed: UInt64
  ) -> TensorDataset {
    require(classes > 0, "spirals: wants at least one arm, got \(classes)")
    requireCount("spirals", count)
    let shake = Tensor.randomNormal([count], standardDeviation: noise, generator: RandomGenerator(seed: seed &+ 1))
      .scalars(as: Double.self)
    var number = 0
    return points("spirals", count, classes: classes, noise: 0, seed) { label, share in
      let angle = 2 * .pi * (Double(label) / Double(classes) + turns * share) + shake[number]
      number += 1
      return [share * sin(angle), share * cos(angle)]
    }
  }

  /// A linear function of normal inputs plus noise: y = x · w + noise, whose weights a model can find.
  ///
  /// - Parameters:
  ///   - count: Samples in all.
  ///   - weights: One for each input: inputs are [N, weights.count], targets [N, 1].
  ///   - noise: The standard deviation of what is added to y.
  ///   - seed: What decides the numbers.
  public static func regression(
    count: Int, weights: [Double], noise: Double = 0.1, seed: UInt64
  ) -> TensorDataset {
    requireCount("regression", count)
    let generator = RandomGenerator(seed: seed)
    let inputs = Tensor.randomNormal([count, weights.count], generator: generator)
    let noises = Tensor.randomNormal([count, 1], standardDeviation: noise, generator: generator)
    let column = Tensor(weights.map { Float($0) }, shape: [weights.count, 1])
    return TensorDataset(inputs: inputs, targets: inputs.matmul(column) + noises)
  }

  /// Labelled points; `place` computes one of a class from how far along its class it is, 0 to 1.
  private static func points(
    _ name: String, _ count: Int, classes: Int, noise: Double, _ seed: UInt64,
    _ place: (_ label: Int, _ share: Double) -> [Double]
  ) -> TensorDataset {
    requireCount(name, count)
    let perClass = max(1, (count - 1) / classes + 1)
    let labels = (0..<count).map { $0 % classes }
    let coordinates = labels.enumerated().map { number, label in
      place(label, Double(number / classes) / Double(max(1, perClass - 1)))
    }
    let generator = RandomGenerator(seed: seed)
    let order = generator.permutation(count)
    let width = coordinates.first?.count ?? 2
    let exact = Tensor(order.flatMap { position in coordinates[position].map { Float($0) } }, shape: [count, width])
    let noises = Tensor.randomNormal([count, width], standardDeviation: noise, generator: generator)
    return TensorDataset(inputs: exact + noises, targets: Tensor(order.map { labels[$0] }, shape: [count]))
  }

  private static func requireCount(_ name: String, _ count: Int) {
    require(count >= 0, "\(name): a set has 0 samples or more, got \(count)")
    Memory.requireRoom(forNumbers: count.times(2))
  }
}
