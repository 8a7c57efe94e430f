// The autoencoder of the homework notebook: images through a bottleneck of 30 numbers and back, compared with the
// best linear bottleneck (PCA); then a classifier on top of the encoder. `swift run -c release Autoencoder --help`
// lists the options.
//
// The notebook starts at a rate of 0.1. With a loss that is summed over 784 pixels, SGD and Adam diverge at that rate.
// Adadelta learns, since it scales each step by the size of earlier ones: `--data DIR --optimizer adadelta`. Adam at
// 0.002 gets further in the same nine epochs.

import Datasets
import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var epochs: Int?
  var codes: Int?
  var learningRate: Double?
  var optimizer = Rule.adam
  var data: String?
  var seed: UInt64 = 1
  var threads: Int?
  var svg = "reconstructions.svg"
}

/// The update rules to choose from.
enum Rule: String, CaseIterable, OptionValue {
  case adam, adadelta

  func makeOptimizer(for net: Module, _ learningRate: Double?, isSmall: Bool) -> Optimizer {
    switch self {
    case .adam: Adam(net.parameters, learningRate: learningRate ?? (isSmall ? 5e-3 : 2e-3))
    case .adadelta: Adadelta(net.parameters, learningRate: learningRate ?? 0.1)
    }
  }
}

let parser = OptionParser(
  "Autoencoder",
  summary: """
    Trains an autoencoder, 784-512-256-128-30-128-256-512-784 on MNIST's files and a small one on the built-in digits;
    compares it with PCA; puts a classifier on the encoder and trains both together.
    """,
  defaults: Settings(),
  options: [
    .value("epochs", \.epochs, in: 1...10_000, help: "passes over the images", defaultText: "60, or 9 with --data"),
    .value(
      "codes", \.codes, in: 1...784, help: "numbers a picture is squeezed into", defaultText: "8, or 30 with --data"),
    .value(
      "learning-rate", \.learningRate, in: 0...1_000, help: "step size at first, halved twice",
      defaultText: "0.005, or 0.002 with --data; adadelta 0.1"),
    .value("optimizer", \.optimizer, help: "update rule"),
    .value(
      "data", \.data, placeholder: "PATH",
      help: "folder with MNIST's four IDX files, or mnist.npz; else the built-in digits"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the pictures go"),
  ] + OptionParser<Settings>.Option.common)

/// Squared differences summed over the pixels, their mean over the batch.
func perSampleLoss(_ prediction: Variable, _ target: Variable) -> Variable {
  mse(prediction, target, reduction: .sum) / Double(prediction.shape[0])
}

parser.main { settings in
  settings.apply()
  let (training, test) = try LabeledImages.load(folder: settings.data, seed: settings.seed)
  let pixels = training.vectors.shape[1]
  let codes = settings.codes ?? (settings.data == nil ? 8 : 30)
  let sizes = settings.data == nil ? [pixels, 128, 64, codes] : [pixels, 512, 256, 128, codes]
  let encoder = chain(sizes)
  let net = Sequential(encoder.layers + [ReLU()] + chain(sizes.reversed()).layers)
  print(net)

  let epochs = settings.epochs ?? (settings.data == nil ? 60 : 9)
  let optimizer = settings.optimizer.makeOptimizer(for: net, settings.learningRate, isSmall: settings.data == nil)
  let schedule = Scheduler(optimizer, .step(every: max(1, epochs / 3), factor: 0.5))
  let trainer = Trainer(net, loss: Loss("per sample", perSampleLoss), optimizer: optimizer)
  func pictures(_ set: LabeledImages) -> TensorDataset { TensorDataset(inputs: set.vectors, targets: set.vectors) }
  try trainer.fit(
    DataLoader(pictures(training), batchSize: settings.data == nil ? 32 : 256, seed: settings.seed), epochs: epochs,
    validation: pictures(test), callbacks: [ScheduleCallback(schedule)])

  let pca = PCA(training.vectors, components: codes)
  let (byNet, byPCA) = (trainer.predict(test.vectors), pca.reconstruct(test.vectors))
  for (name, output) in [("autoencoder", byNet), ("PCA", byPCA)] {
    let loss = perSampleLoss(Variable(output), Variable(test.vectors)).item()
    print("\(name): reconstruction loss \(loss.text(decimals: 3)) with \(codes) numbers a picture")
  }
  try drawSamples(test, [("autoencoder", byNet), ("PCA", byPCA)], to: settings.svg)
  try finetune(net, encoder.count, codes, on: training, testing: test, seed: settings.seed)
}

/// Linear layers of the given sizes, with ReLU between them.
func chain(_ sizes: [Int]) -> Sequential {
  Sequential {
    for (place, pair) in zip(sizes, sizes.dropFirst()).enumerated() {
      if place > 0 { ReLU() }
      Linear(pair.0, pair.1)
    }
  }
}

/// Draws a row of ten test images, with each model's reconstructions in a row below.
func drawSamples(_ test: LabeledImages, _ outputs: [(name: String, images: Tensor)], to path: String) throws {
  func asPictures(_ rows: Tensor) -> Tensor { rows[0..<10].reshape([10, test.rows, test.columns]) }
  var grid = ImageGrid(title: "Ten test pictures", scale: test.rows > 10 ? 2 : 6)
  grid.addRow("original", asPictures(test.vectors))
  for output in outputs { grid.addRow(output.name, asPictures(output.images)) }
  try grid.write(to: URL(fileURLWithPath: path))
  print("pictures: \(path)")
}

/// Replaces the decoder by a classifier: first trains the classifier alone, then the two together.
func finetune(
  _ net: Sequential, _ encoderCount: Int, _ codes: Int, on training: LabeledImages, testing test: LabeledImages,
  seed: UInt64
) throws {
  net.removeSubrange(encoderCount...)
  net.append(ReLU())
  net.append(contentsOf: chain([codes, 100, training.classCount]))
  net[..<encoderCount].freeze()
  for stage in ["on frozen codes", "fine-tuned"] {
    let trainer = Trainer(
      net, loss: CrossEntropyLoss(), optimizer: Adam(net.parameters), metrics: [.accuracy], terminal: nil)
    try trainer.fit(DataLoader(training.asVectors, batchSize: 64, seed: seed), epochs: 5)
    let accuracy = 100 * (trainer.evaluate(test.asVectors).last?.value ?? .nan)
    print("classifier \(stage): test accuracy \(accuracy.text(decimals: 2)) %")
    net.unfreeze()
  }
}
