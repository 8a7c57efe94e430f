import Foundation
import NN

/// A measure of how well outputs fit targets, accumulated batch by batch: numbers that are summed over the
/// batches, and a formula of the sums.
///
/// It is a value: a copy of an empty one starts from zero, so one description serves every epoch.
///
/// ```swift
/// var accuracy = Metric.accuracy
/// for batch in loader.epoch(1) { accuracy.add(net(batch.inputs).value, batch.targets) }
/// print(accuracy.value)
/// ```
public struct Metric: Sendable {
  /// The name that progress lines, logs and histories show.
  public let name: String
  /// Whether a larger value is a better one.
  public let isBetterLarger: Bool
  private let count: @Sendable (_ outputs: Tensor, _ targets: Tensor) -> [Double]
  /// Whether numbers from a file are possible sums of this metric.
  private let canBeSums: @Sendable ([Double]) -> Bool
  private let formula: @Sendable (_ sums: [Double]) -> Double
  private(set) var sums: [Double] = []

  /// Creates a metric of your own.
  /// - Parameters:
  ///   - name: Its name.
  ///   - isBetterLarger: Whether a larger value is a better one.
  ///   - count: Returns the numbers to sum, equally many for every batch; the first axis of
  ///     both tensors counts samples.
  ///   - formula: The value of the metric, given the sums.
  public init(
    _ name: String, isBetterLarger: Bool, sumsOf count: @escaping @Sendable (Tensor, Tensor) -> [Double],
    _ formula: @escaping @Sendable ([Double]) -> Double
  ) {
    self.init(name, isBetterLarger, count, formula) { _ in true }
  }

  /// Creates a metric of two numbers, whose value is the ratio of their sums.
  public init(
    _ name: String, isBetterLarger: Bool, sumsOf count: @escaping @Sendable (Tensor, Tensor) -> [Double]
  ) {
    self.init(name, isBetterLarger, count) {
      $0[0] / $0[1]
    } canBeSums: {
      $0.count == 2
    }
  }

  private init(
    _ name: String, _ isBetterLarger: Bool, _ count: @escaping @Sendable (Tensor, Tensor) -> [Double],
    _ formula: @escaping @Sendable ([Double]) -> Double, canBeSums: @escaping @Sendable ([Double]) -> Bool
  ) {
    (self.name, self.isBetterLarger, self.count, self.formula) = (name, isBetterLarger, count, formula)
    self.canBeSums = canBeSums
  }

  /// Adds a batch.
  public mutating func add(_ outputs: Tensor, _ targets: Tensor) {
    let numbers = count(outputs, targets)
    require(
      sums.isEmpty || sums.count == numbers.count,
      "\(name): wants equally many numbers to sum for every batch, got \(numbers.count) after \(sums.count)")
    sums = sums.isEmpty ? numbers : zip(sums, numbers).map(+)
  }

  /// Replaces what has been added so far; false for numbers that are not possible sums.
  mutating func restore(_ saved: [Double]) -> Bool {
    if canBeSums(saved) { sums = saved }
    return canBeSums(saved)
  }

  /// The value over everything added so far; NaN before anything was.
  public var value: Double { sums.isEmpty ? .nan : formula(sums) }
}

// MARK: - Classification

extension Metric {
  /// The share of samples whose largest score is that of their class: outputs [N, C, ...], labels [N, ...] or
  /// probabilities [N, C, ...].
  public static let accuracy = Metric("accuracy", isBetterLarger: true) { outputs, targets in
    let labels = classes(of: outputs, targets, "accuracy")
    let predictions = outputs.argmax(axis: 1).scalars(as: Int.self)
    return [Double(zip(predictions, labels).count { $0 == $1 }), Double(labels.count)]
  }

  /// The share of samples whose class is among the k largest scores: outputs [N, C], labels [N].
  public static func topK(_ k: Int = 5) -> Metric {
    require(k > 0, "topK: k must be at least 1, got \(k)")
    return Metric("top-\(k)", isBetterLarger: true) { outputs, targets in
      require(outputs.rank == 2, "top-\(k): wants scores [N, C], got \(outputs.shape)")
      let (width, scores) = (outputs.shape[1], outputs.scalars(as: Double.self))
      let labels = classes(of: outputs, targets, "top-\(k)")
      let right = labels.enumerated().count { sample, label in
        let row = scores[sample * width..<(sample + 1) * width]
        // NaN counts as larger than every number, as in argmax, so a class whose score is NaN is never found.
        return row.count { !($0 <= row[row.startIndex + label]) } < k
      }
      return [Double(right), Double(labels.count)]
    }
  }

  /// The share of samples on the right side of a threshold: outputs and targets (0 or 1) of one shape.
  ///
  /// For logits the threshold is 0, for probabilities ½.
  public static func binaryAccuracy(threshold: Double = 0) -> Metric {
    Metric("accuracy", isBetterLarger: true) { outputs, targets in
      let pairs = pairs("binaryAccuracy", outputs, targets)
      return [Double(pairs.count { ($0 > threshold) == ($1 > 0.5) }), Double(pairs.count)]
    }
  }

  /// The share of the samples predicted as a class that belong to it, averaged over the
  /// classes: outputs [N, C], labels [N].
  public static let precision = score("precision") { $0.precision(of: $1) }
  /// The share of a class's samples that were predicted as it, averaged over the classes: outputs [N, C], labels [N].
  public static let recall = score("recall") { $0.recall(of: $1) }
  /// The harmonic mean of a class's precision and recall, averaged over the classes: outputs [N, C], labels [N].
  public static let f1 = score("f1") { $0.f1(of: $1) }

  private static func score(
    _ name: String, _ score: @escaping @Sendable (ConfusionMatrix, Int) -> Double
  ) -> Metric {
    Metric(name, true) { outputs, targets in
      ConfusionMatrix(
        labels: classes(of: outputs, targets, name), predictions: outputs.argmax(axis: 1).scalars(as: Int.self),
        classNames: (0..<outputs.shape[1]).map(String.init)
      ).counts.map(Double.init)
    } _: { sums in
      let matrix = ConfusionMatrix(counts: sums.map { Int($0) })
      return (0..<matrix.classCount).reduce(0) { $0 + score(matrix, $1) } / Double(matrix.classCount)
    } canBeSums: { counts in
      let classes = Int(Double(counts.count).squareRoot().rounded())
      return classes * classes == counts.count && counts.allSatisfy { (0...0x1p53).contains($0) }
    }
  }

  /// e to the mean cross entropy of scores: the number of equally likely classes among which a guess would
  /// be as uncertain.
  ///
  /// Outputs are scores [N, C, ...], targets labels [N, ...].
  public static let perplexity = Metric("perplexity", false) { outputs, targets in
    let sum = withoutGradient { crossEntropy(Variable(outputs), targets, reduction: .sum).item() }
    return [sum, Double(targets.elementCount)]
  } _: {
    exp($0[0] / $0[1])
  } canBeSums: {
    $0.count == 2
  }

  /// The classes of targets: labels as they are, for probabilities the most likely one.
  private static func classes(of outputs: Tensor, _ targets: Tensor, _ metric: String) -> [Int] {
    let labels = targets.dtype.isFloatingPoint && targets.rank == outputs.rank ? targets.argmax(axis: 1) : targets
    require(
      outputs.rank >= 2 && labels.elementCount * outputs.shape[1] == outputs.elementCount,
      "\(metric): targets \(targets.shape) do not fit scores \(outputs.shape), which are [N, C, ...]")
    let result = labels.scalars(as: Int.self)
    if let stray = result.first(where: { !(0..<outputs.shape[1]).contains($0) }) {
      stop("\(metric): label \(stray) is out of range for \(outputs.shape[1]) classes")
    }
    return result
  }
}

// MARK: - Regression

extension Metric {
  /// The mean of (output − target)²: outputs and targets of one shape.
  public static let meanSquaredError = Metric("mse", isBetterLarger: false) { outputs, targets in
    let pairs = pairs("mse", outputs, targets)
    return [pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }, Double(pairs.count)]
  }

  /// The mean of |output − target|: outputs and targets of one shape.
  public static let meanAbsoluteError = Metric("mae", isBetterLarger: false) { outputs, targets in
    let pairs = pairs("mae", outputs, targets)
    return [pairs.reduce(0) { $0 + abs($1.0 - $1.1) }, Double(pairs.count)]
  }

  /// The share of the targets' variance that outputs explain: 1 − Σ (target − output)² / Σ (target − mean)².
  ///
  /// 1 is perfect, 0 no better than the mean. NaN when all targets are equal. Outputs and targets of one shape.
  public static let r2 = Metric("r2", true) { outputs, targets in
    pairs("r2", outputs, targets).reduce(into: [0, 0, 0, 0]) { sums, pair in
      sums[0] += (pair.0 - pair.1) * (pair.0 - pair.1)
      sums[1] += pair.1
      sums[2] += pair.1 * pair.1
      sums[3] += 1
    }
  } _: { sums in
    let variance = sums[2] - sums[1] * sums[1] / sums[3]
    return variance > 0 ? 1 - sums[0] / variance : .nan
  } canBeSums: {
    $0.count == 4
  }

  private static func pairs(_ name: String, _ outputs: Tensor, _ targets: Tensor) -> [(Double, Double)] {
    require(
      outputs.shape == targets.shape,
      "\(name): outputs \(outputs.shape) and targets \(targets.shape) differ in shape")
    return Array(zip(outputs.scalars(as: Double.self), targets.scalars(as: Double.self)))
  }
}
