// One network with three activations, and once with initial weights that are too small: the homework
// notebook's comparison.
//
// A run that stays at a loss of 2.30 and 10 % accuracy has learned nothing: log 10 = 2.30 is the loss of guessing among
// ten classes. A deep net with tiny initial weights behaves like that. Each layer multiplies both the signal and the
// gradient by its weights, so through four layers of N(0, 0.0001²) both almost vanish and SGD barely changes anything.
// He's initialization keeps each layer's output at about the variance of its input, and the same net learns at once.
// `swift run -c release Activations --help` lists the options.

import Datasets
import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var epochs: Int?
  var data: String?
  var seed: UInt64 = 1
  var threads: Int?
  var svg = "activations.svg"
}

let parser = OptionParser(
  "Activations",
  summary: """
    Trains pixels-500-300-100-classes with ReLU, LeakyReLU and ELU, and with ReLU from weights that are too small,
    and draws the four losses in one picture.
    """,
  defaults: Settings(),
  options: [
    .value("epochs", \.epochs, in: 1...10_000, help: "passes over the images", defaultText: "30, or 5 with --data"),
    .value(
      "data", \.data, placeholder: "PATH",
      help: "folder with MNIST's four IDX files, or mnist.npz; else the built-in digits"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the picture goes"),
  ] + OptionParser<Settings>.Option.common)

parser.main { settings in
  let (training, test) = try LabeledImages.load(folder: settings.data, seed: settings.seed)
  let runs: [(name: String, initializer: Initializer, makeActivation: () -> Module)] = [
    ("ReLU", .heNormal(), { ReLU() }), ("LeakyReLU", .heNormal(), { LeakyReLU() }), ("ELU", .heNormal(), { ELU() }),
    ("ReLU, tiny weights", .normal(1e-4), { ReLU() }),
  ]
  var chart = Chart(
    title: "The same net with four beginnings", xLabel: "epoch", yLabel: "test loss", isLogarithmic: true)
  for run in runs {
    settings.apply()
    let net = makeNetwork([training.vectors.shape[1], 500, 300, 100, training.classCount], run.makeActivation)
    net.apply { if let layer = $0 as? Linear { run.initializer.fill(layer.weight) } }
    let trainer = Trainer(
      net, loss: CrossEntropyLoss(), optimizer: Momentum(net.parameters, learningRate: 0.02), metrics: [.accuracy],
      terminal: nil)
    try trainer.fit(
      DataLoader(training.asVectors, batchSize: 128, seed: settings.seed),
      epochs: settings.epochs ?? (settings.data == nil ? 30 : 5), validation: test.asVectors)
    let history = trainer.history
    chart.addCurve(run.name, x: history.epochs.map { Double($0.number) }, y: history["validation loss"])
    let accuracy = 100 * (history["validation accuracy"].last ?? .nan)
    print(
      "\(run.name.padding(toLength: 20, withPad: " ", startingAt: 0)) test loss "
        + "\((history["validation loss"].last ?? .nan).text(decimals: 4)), accuracy \(accuracy.text(decimals: 2)) %")
  }
  print("\n\(chart.text())\n")
  try chart.write(to: URL(fileURLWithPath: settings.svg))
  print("picture: \(settings.svg)")
}

/// Linear layers of the given sizes with an activation between them.
func makeNetwork(_ sizes: [Int], _ makeActivation: () -> Module) -> Sequential {
  Sequential {
    for (inputs, outputs) in zip(sizes.dropLast(2), sizes.dropFirst()) {
      Linear(inputs, outputs)
      makeActivation()
    }
    Linear(sizes[sizes.count - 2], sizes[sizes.count - 1])
  }
}
