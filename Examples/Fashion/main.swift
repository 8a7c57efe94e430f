// Increasingly good classifiers on MNIST's files: softmax regression, the five-layer net, a convolution net, and the
// homework notebook's best recipe: dropout, a decaying learning rate, small rotations and shifts, a validation set.
// `swift run -c release Fashion --help` lists the options. Without --data it runs on the built-in digits.

import Datasets
import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var model = Architecture.mlp
  var epochs: Int?
  var minutes: Double?
  var data: String?
  var seed: UInt64 = 1
  var threads: Int?
  var svg = "fashion.svg"
  var log: String?
}

let parser = OptionParser(
  "Fashion",
  summary: """
    Trains a classifier and prints its test accuracy last. Ctrl-C ends the training early and in good order.
    """,
  defaults: Settings(),
  options: [
    .value("model", \.model, help: "what to train"),
    .value("epochs", \.epochs, in: 1...10_000, help: "passes over the images", defaultText: "what suits the model"),
    .value("minutes", \.minutes, in: 0...10_000, help: "the longest time to train"),
    .value(
      "data", \.data, placeholder: "PATH",
      help: "folder with MNIST's four IDX files, or mnist.npz; else the built-in digits"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the losses are drawn"),
    .value("log", \.log, placeholder: "DIR", help: "folder for TensorBoard"),
  ] + OptionParser<Settings>.Option.common)

parser.main { settings in
  settings.apply()
  let (images, test) = try LabeledImages.load(folder: settings.data, seed: settings.seed)
  let (training, validation) = images.trainTestSplit(testFraction: 0.1, seed: settings.seed)
  let plan = settings.model.plan(for: images)
  let epochs = settings.epochs ?? plan.epochs
  let loader = DataLoader(
    training, batchSize: plan.batchSize, seed: settings.seed, dropsLast: true, augmentations: plan.augmentations)
  print(plan.net.summary(inputShape: [plan.batchSize, 1, images.rows, images.columns]))

  let optimizer = AdamW(plan.net.parameters, learningRate: plan.learningRate, weightDecay: plan.weightDecay)
  let schedule = Scheduler(
    optimizer, .oneCycle(largest: plan.learningRate, steps: epochs * loader.batchCount))
  let trainer = Trainer(
    plan.net, loss: CrossEntropyLoss(labelSmoothing: plan.labelSmoothing), optimizer: optimizer, metrics: [.accuracy])
  var callbacks: [Callback] = [
    ScheduleCallback(schedule, every: .batch), NaNGuard(), Interruption(),
    PlotCallback(URL(fileURLWithPath: settings.svg), title: "\(settings.model)"),
  ]
  if let minutes = settings.minutes { callbacks.append(TimeLimit(.seconds(60 * minutes))) }
  if let folder = settings.log {
    callbacks.append(TensorBoardLog(try TensorBoard(folder: URL(fileURLWithPath: folder))))
  }
  try trainer.fit(loader, epochs: epochs, validation: validation, callbacks: callbacks)

  var scores = trainer.predict(test.images).softmax(axis: 1)
  if plan.isMirrorable { scores += trainer.predict(test.images[.ellipsis, .stride(by: -1)]).softmax(axis: 1) }
  let predictions = scores.argmax(axis: 1).scalars(as: Int.self)
  let matrix = ConfusionMatrix(labels: test.labels, predictions: predictions, classNames: test.classNames)
  print("\n\(matrix)\n\npicture: \(settings.svg)")
  print("test accuracy: \((100 * matrix.accuracy).text(decimals: 2)) %")
}
