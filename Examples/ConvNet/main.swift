// A small convolution network trained in a few lines; the Keras-style notebook builds a package for the same.
//
// There a student writes Layer, Network, grad_x, grad_param, Conv2D, MaxPooling2D, Dense, fit and evaluate by hand; the
// net below runs at nine batches a second and ends at 54 %. Here each of these is a call.
// `swift run -c release ConvNet --help` lists the options.

import Datasets
import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var epochs = 10
  var batchSize = 16
  var learningRate = 0.01
  var data: String?
  var load, save: String?
  var svg = "convnet.svg"
  var seed: UInt64 = 1
  var threads: Int?
}

let parser = OptionParser(
  "ConvNet",
  summary: """
    Trains conv 3×3, conv 2×2 stride 2, conv 3×3, conv 2×2 stride 2, dense 20, dense 10 by Nesterov's momentum, and
    checks the layers' Jacobians.
    """,
  defaults: Settings(),
  options: [
    .value("epochs", \.epochs, in: 1...10_000, help: "passes over the images"),
    .value("batch-size", \.batchSize, in: 1...100_000, help: "images a step"),
    .value("learning-rate", \.learningRate, in: 0...1_000, help: "step size"),
    .value(
      "data", \.data, placeholder: "PATH",
      help: "folder with MNIST's four IDX files, or mnist.npz; else the built-in digits"),
    .value("load", \.load, placeholder: "FILE", help: "weights to begin with, a safetensors file"),
    .value("save", \.save, placeholder: "FILE", help: "where the weights go"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the accuracies are drawn"),
  ] + OptionParser<Settings>.Option.common)

/// The notebook's net for square one-channel images. Small ones are enlarged first, since halving them twice would
/// leave too few pixels.
func makeNet(side: Int, classes: Int) -> Sequential {
  let scale = side < 28 ? 3 : 1
  let quarter = scale * side / 2 / 2
  return Sequential {
    if scale > 1 { Upsample(scale: Double(scale)) }
    Conv2D(1, 1, kernel: 3, padding: .same)
    Conv2D(1, 1, kernel: 2, stride: 2)
    Conv2D(1, 1, kernel: 3, padding: .same)
    Conv2D(1, 1, kernel: 2, stride: 2)
    Flatten()
    Linear(quarter * quarter, 20)
    ReLU()
    Linear(20, classes)
    ReLU()
    Softmax()
  }
}

parser.main { settings in
  settings.apply()
  checkConvolution()
  checkJacobians()

  let (training, test) = try LabeledImages.load(folder: settings.data, seed: settings.seed)
  let net = makeNet(side: training.rows, classes: training.classCount)
  // Dense layers are initialized as in the notebook: LeCun uniform.
  net.apply { if let layer = $0 as? Linear { Initializer.lecunUniform().fill(layer.weight) } }
  if let path = settings.load { try net.load(fromFile: path) }
  print(net.summary(inputShape: [settings.batchSize, 1, training.rows, training.columns]))

  let trainer = Trainer(
    net, loss: ClassNLLCriterion(),
    optimizer: SGD(net.parameters, learningRate: settings.learningRate, momentum: 0.9, nesterov: true),
    metrics: [.accuracy])
  let clock = ContinuousClock()
  let start = clock.now
  try trainer.fit(
    training, epochs: settings.epochs, batchSize: settings.batchSize, validationSplit: 0.1, seed: settings.seed,
    callbacks: [
      PlotCallback(
        URL(fileURLWithPath: settings.svg), title: "The notebook's small net",
        figures: ["accuracy", "validation accuracy"],
        isLogarithmic: false)
    ])
  let rate = Double(trainer.step) / (clock.now - start).seconds
  print("\(Int(rate)) batches a second, validation included")
  for figure in trainer.evaluate(test) { print("test \(figure.name): \(figure.value.text(decimals: 4))") }
  if let path = settings.save { try net.save(toFile: path) }
}
