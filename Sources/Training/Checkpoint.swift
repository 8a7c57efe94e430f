import Foundation
import NN
import Optim

/// A training run in one file, which can be stopped at any time and resumed as if nothing had happened, bit for bit.
///
/// ```swift
/// let checkpoint = Checkpoint("run.safetensors", model: net, optimizer: optimizer, also: ["schedule": scheduler])
/// var position = try checkpoint.resume()
/// while position.epoch < epochs {
///   for batch in loader.epoch(position.epoch, from: position.batch) {
///     optimizer.step { crossEntropy(net(batch.inputs), batch.targets) }
///     position.batch += 1
///     if position.batch % 100 == 0 { try checkpoint.save(at: position) }
///   }
///   scheduler.step()
///   position = .init(epoch: position.epoch + 1)
///   try checkpoint.save(at: position)
/// }
/// ```
///
/// The file holds parameters and buffers, the states of the optimizer and the other parts, the position in the data and
/// in the random streams, as safetensors: `model/hidden.weight`, `optimizer/hidden.weight/m`, `schedule/step`. It is
/// replaced as a whole, so a process killed while writing leaves the old one. Gradients are not saved: save between
/// steps. Batches need no state, as those of a `DataLoader` depend only on seed and position.
public struct Checkpoint {
  /// The batch that comes next.
  public struct Position: Equatable, Sendable {
    /// Epochs completed.
    public var epoch: Int
    /// Batches of the current epoch completed.
    public var batch: Int

    /// Creates a position, by default the beginning of an epoch.
    public init(epoch: Int, batch: Int = 0) { (self.epoch, self.batch) = (epoch, batch) }
  }

  /// Where the file is.
  public let path: String
  private let model: any Model
  private let parts: [(name: String, part: any Stateful)]
  private let generators: [RandomGenerator]

  /// Names the parts of the run.
  ///
  /// - Parameters:
  ///   - path: The file, which need not exist yet.
  ///   - model: Its parameters and buffers are saved.
  ///   - optimizer: Its state is saved.
  ///   - others: Schedulers and weight averages, under names of your own.
  ///   - generators: The random streams that the run draws from, in the same order each time.
  public init(
    _ path: String, model: any Model, optimizer: Optimizer, also others: [String: any Stateful] = [:],
    generators: [RandomGenerator] = [.default]
  ) {
    for name in others.keys {
      require(
        !["model", "optimizer", "run"].contains(name) && !name.contains("/"),
        "Checkpoint: \(name) is no name for a part: model, optimizer, run and names with a slash are taken")
    }
    self.path = path
    self.model = model
    self.generators = generators
    parts = [("optimizer", optimizer)] + others.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Replaces the file. Throws a `FileError` where it cannot be written; the old one then stays.
  public func save(at position: Position) throws { try save(at: position, nil) }

  /// The same, with a trainer's state.
  func save(at position: Position, _ trainer: Trainer?) throws {
    var tensors = [
      Self.positionKey: Tensor([position.epoch, position.batch]),
      Self.generatorsKey: Tensor(
        generators.map(\.state).flatMap { [Int64(bitPattern: $0.seed), Int64(bitPattern: $0.offset)] },
        shape: [generators.count, 2]),
    ]
    tensors.add(model.stateDict(), under: "model")
    for (name, part) in parts + Self.part(trainer) { tensors.add(part.stateDict(), under: name) }
    try Safetensors(tensors: tensors, metadata: ["format": "swift-autograd checkpoint 1"]).write(toFile: path)
  }

  /// Restores what the file holds and returns where to continue; the beginning, if there is no file.
  ///
  /// Throws a `FileError` for a damaged file and a `StateMismatch` or `StateError` for one that does not fit, and
  /// then leaves everything as it was.
  public func resume() throws -> Position { try resume(nil) }

  /// The same, with a trainer's state.
  func resume(_ trainer: Trainer?) throws -> Position {
    guard FileManager.default.fileExists(atPath: path) else { return Position(epoch: 0) }
    let tensors = try Safetensors(contentsOfFile: path).tensors
    let position = try integers(Self.positionKey, shape: [2], of: tensors)
    guard position.allSatisfy({ (0...1 << 53).contains($0) }) else {
      throw FileError(
        file: path, place: .tensor(Self.positionKey), expected: "an epoch and a batch that can be counted on from",
        found: "\(position)")
    }
    let streams = try integers(Self.generatorsKey, shape: [generators.count, 2], of: tensors)
    let parts = parts + Self.part(trainer)
    let before = (model: model.stateDict(), parts: parts.map { $0.part.stateDict() })
    do {
      try model.load(tensors.entries(under: "model"))
      for (name, part) in parts { try part.load(tensors.entries(under: name)) }
    } catch {
      try model.load(before.model)
      for (part, state) in zip(parts, before.parts) { try part.part.load(state) }
      throw error
    }
    for (number, generator) in generators.enumerated() {
      generator.state = .init(
        seed: UInt64(bitPattern: streams[2 * number]), offset: UInt64(bitPattern: streams[2 * number + 1]))
    }
    return Position(epoch: Int(position[0]), batch: Int(position[1]))
  }

  private func integers(_ key: String, shape: Shape, of tensors: [String: Tensor]) throws -> [Int64] {
    let found = tensors[key]
    guard let found, found.dtype == .int64, found.shape == shape else {
      throw FileError(
        file: path, place: .tensor(key), expected: "int64 \(shape)",
        found: found.map { "\($0.dtype) \($0.shape)" } ?? "none")
    }
    return found.scalars(as: Int64.self)
  }

  /// A trainer's part of the file.
  private static func part(_ trainer: Trainer?) -> [(name: String, part: any Stateful)] {
    trainer.map { [("run/trainer", $0)] } ?? []
  }

  private static let positionKey = "run/position"
  private static let generatorsKey = "run/generators"
}

/// The run was saved after the end of the epochs that it is to continue with: its loader had more batches.
public struct PositionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where the run stood.
  public let position: Checkpoint.Position
  /// How many batches an epoch has now.
  public let batchCount: Int

  package init(position: Checkpoint.Position, batchCount: Int) {
    (self.position, self.batchCount) = (position, batchCount)
  }

  /// The sentence, on one line.
  public var description: String {
    "the run was saved after \(position.batch) batches of epoch \(position.epoch + 1), "
      + "and epochs now have \(batchCount); resume with the data and batch size it was saved with"
  }
}

extension Checkpoint.Position {
  /// Throws if an epoch of so many batches does not reach this position.
  func check(batchCount: Int) throws(PositionError) {
    if batch > batchCount { throw PositionError(position: self, batchCount: batchCount) }
  }
}
