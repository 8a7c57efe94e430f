import Tensors

/// One example: what a model gets and what it should return.
public struct Sample: Sendable {
  /// The model's input.
  public var input: Tensor
  /// What it should return: a label (int64, no axes), numbers, or a picture.
  public var target: Tensor

  /// Creates a sample of both parts.
  public init(input: Tensor, target: Tensor) {
    self.input = input
    self.target = target
  }
}

/// Samples stacked along a new first axis: what one step trains on.
public struct Batch: Sendable {
  /// [N, ...]
  public var inputs: Tensor
  /// [N, ...]
  public var targets: Tensor

  /// Creates a batch of both parts; stops when one has more samples than the other.
  public init(inputs: Tensor, targets: Tensor) {
    requireOneCount("Batch", inputs, targets)
    self.inputs = inputs
    self.targets = targets
  }

  /// How many samples there are.
  public var count: Int { inputs.shape[0] }
}

/// A collection of samples by position.
///
/// A type of your own needs `count` and the subscript; where many samples can be fetched faster than one by one,
/// implement `batch(at:)` too. A `DataLoader` calls them from several threads at once.
///
/// ```swift
/// struct Squares: Dataset {
///   let count = 1_000
///   subscript(position: Int) -> Sample {
///     Sample(input: Tensor([Double(position)]), target: Tensor([Double(position * position)]))
///   }
/// }
/// ```
public protocol Dataset: Sendable {
  /// How many samples there are.
  var count: Int { get }
  /// The sample at a position from 0 up to `count`.
  subscript(position: Int) -> Sample { get }
  /// The samples at some positions, stacked in that order.
  func batch(at positions: [Int]) -> Batch
}

extension Dataset {
  /// The samples at some positions, fetched one by one. Stops when there are none, or their shapes differ.
  public func batch(at positions: [Int]) -> Batch {
    require(!positions.isEmpty, "\(Self.self): a batch of no samples has no shape; name at least one position")
    let samples = positions.map { self[$0] }
    return Batch(inputs: .stack(samples.map(\.input)), targets: .stack(samples.map(\.target)))
  }

  /// All samples as one batch.
  public var all: Batch { batch(at: Array(0..<count)) }

  /// The samples at some positions as a separate set; nothing is copied.
  public func subset(_ positions: [Int]) -> Subset<Self> { Subset(self, positions) }

  /// Splits the samples, shuffled by the seed, into a training set and a test set.
  ///
  /// The test part has `testFraction` of the samples, rounded up; with `strata`, a class for each sample, it has that
  /// share of every class (see `trainTestIndices`).
  public func split(
    testFraction: Double, seed: UInt64, strata: [Int]? = nil
  ) -> (train: Subset<Self>, test: Subset<Self>) {
    require((0...1).contains(testFraction), "split: testFraction lies between 0 and 1, got \(testFraction)")
    if let strata { require(strata.count == count, "split: \(strata.count) strata for \(count) samples") }
    let (train, test) =
      strata.map { trainTestIndices(strata: $0, testFraction: testFraction, seed: seed) }
      ?? trainTestIndices(count: count, testFraction: testFraction, seed: seed)
    return (subset(train), subset(test))
  }
}

/// Some of the samples of a set.
public struct Subset<Base: Dataset>: Dataset {
  /// The whole set.
  public let base: Base
  /// Their positions in it.
  public let positions: [Int]

  /// Creates a subset of the samples at some positions; stops for one that the set does not have.
  public init(_ base: Base, _ positions: [Int]) {
    requireSamples("Subset", positions, among: base.count)
    self.base = base
    self.positions = positions
  }

  /// How many positions were given.
  public var count: Int { positions.count }
  /// The whole set's sample at one of them.
  public subscript(position: Int) -> Sample {
    requireSamples("Subset", [position], among: count)
    return base[positions[position]]
  }
  /// The whole set's samples at some of them.
  public func batch(at positions: [Int]) -> Batch {
    requireSamples("Subset", positions, among: count)
    return base.batch(at: positions.map { self.positions[$0] })
  }
}

/// A set of two tensors whose first axis counts samples.
public struct TensorDataset: Dataset {
  /// [N, ...]
  public let inputs: Tensor
  /// [N, ...]
  public let targets: Tensor

  /// Creates a set of inputs and targets; stops when one has more samples than the other.
  public init(inputs: Tensor, targets: Tensor) {
    requireOneCount("TensorDataset", inputs, targets)
    (self.inputs, self.targets) = (inputs, targets)
  }

  /// The first size of both.
  public var count: Int { inputs.shape[0] }
  /// A view of both at one position; stops for one that the set does not have.
  public subscript(position: Int) -> Sample {
    requireSamples("TensorDataset", [position], among: count)
    return Sample(input: inputs[position], target: targets[position])
  }
  /// A copy of both at some positions; stops for one that the set does not have.
  public func batch(at positions: [Int]) -> Batch {
    requireSamples("TensorDataset", positions, among: count)
    return Batch(
      inputs: inputs.indexSelect(axis: 0, positions), targets: targets.indexSelect(axis: 0, positions))
  }
  /// Both as they are.
  public var all: Batch { Batch(inputs: inputs, targets: targets) }
}

extension LabeledImages: Dataset {
  /// One image [C, rows, columns] and its label; stops for a position that the set does not have.
  public subscript(position: Int) -> Sample {
    requireSamples("LabeledImages", [position], among: count)
    return Sample(input: images[position], target: Tensor(labels[position]))
  }

  /// Images [N, C, rows, columns] and their labels [N]; stops for a position that the set does not have.
  public func batch(at positions: [Int]) -> Batch {
    requireSamples("LabeledImages", positions, among: count)
    return Batch(
      inputs: images.indexSelect(axis: 0, positions),
      targets: Tensor(positions.map { labels[$0] }, shape: [positions.count]))
  }
}

/// Stops unless inputs and targets have equally many samples.
private func requireOneCount(_ set: String, _ inputs: Tensor, _ targets: Tensor) {
  require(
    inputs.rank > 0 && targets.rank > 0 && inputs.shape[0] == targets.shape[0],
    "\(set): inputs \(inputs.shape) and targets \(targets.shape) must have one first size, the number of samples")
}

/// Stops for a position that a set does not have.
func requireSamples(_ set: String, _ positions: [Int], among count: Int) {
  if let stray = positions.first(where: { !(0..<count).contains($0) }) {
    stop("\(set): there is no sample \(stray) among \(count), numbered from 0")
  }
}
