// Trains a network on handwritten digits and shows how well it reads digits that it has not seen.
// `swift run -c release Digits --help` lists the options.

import Datasets
import Foundation
import NN
import Training

let parser = OptionParser(
  "Digits",
  summary: """
    Trains a network on handwritten digits: the 1,797 small ones that are built in, 30 % of them kept for the test,
    or MNIST or Fashion-MNIST from a folder. Draws the losses in an SVG file and prints the test accuracy last.
    """,
  defaults: Settings(),
  options: [
    .value(
      "epochs", \.epochs, in: 1...100_000, help: "passes over the training images", defaultText: "100, or 5 with --data"
    ),
    .value("batch-size", \.batchSize, in: 1...1_000_000, help: "images a step", defaultText: "20, or 128 with --data"),
    .value("optimizer", \.optimizer, help: "update rule", defaultText: "sgd, or adam with --data"),
    .value(
      "learning-rate", \.learningRate, in: 0...1_000, help: "step size", defaultText: "0.5; momentum 0.1, adam 0.001"),
    .value(
      "hidden", \.hidden, in: 1...100_000, help: "sizes of the hidden layers",
      defaultText: "100, or 500,300,100 with --data"),
    .value(
      "data", \.data, placeholder: "PATH", help: "folder with MNIST's four IDX files, plain or .gz, or mnist.npz"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the loss curve goes"),
  ] + OptionParser<Settings>.Option.common)

parser.main { settings in
  settings.apply()
  let (training, test) = try LabeledImages.load(folder: settings.data, seed: settings.seed)
  let plan = Plan(settings, pixels: training.rows * training.columns, classes: training.classCount)
  print(
    """
    \(training.count) training and \(test.count) test images of \(training.rows) × \(training.columns); \
    network \(plan.sizeText); \(plan.rule) \(plan.learningRate), batches of \(plan.batchSize), seed \(plan.seed)
    """)

  let net = plan.makeNetwork()
  let history = train(net, on: training, testing: test, plan: plan)

  let result = evaluate(net, on: test)
  let matrix = ConfusionMatrix(labels: test.labels, predictions: result.predictions, classNames: test.classNames)
  print("\n\(matrix)\n")
  printMisread(test, result.predictions)
  // The result is printed even if the picture cannot be saved.
  let saving = Result { try saveLossCurve(history, plan: plan, to: settings.svg) }
  print("test accuracy: \((100 * matrix.accuracy).text(decimals: 2)) %")
  try saving.get()
}
