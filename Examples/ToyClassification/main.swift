// Two clouds of points and a net of four hidden units: the toy problem of the homework notebook, with its layers.
// `swift run -c release ToyClassification --help` lists the options.

import Datasets
import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var set = PointSet.clouds
  var epochs = 100
  var seed: UInt64 = 1
  var threads: Int?
  var boundary = "boundary.svg"
  var loss = "toy-loss.svg"
}

/// The points to choose from.
enum PointSet: String, CaseIterable, OptionValue {
  case clouds, moons, spirals

  func make(seed: UInt64) -> TensorDataset {
    switch self {
    case .clouds: .gaussianClouds(count: 1_000, centers: [[2, 2], [-2, -2]], seed: seed)
    case .moons: .moons(count: 1_000, seed: seed)
    case .spirals: .spirals(count: 1_000, seed: seed)
    }
  }
  var classCount: Int { self == .spirals ? 3 : 2 }
  /// Two clouds need few hidden units; curved boundaries need more.
  var hidden: Int { self == .clouds ? 4 : 32 }
}

let parser = OptionParser(
  "ToyClassification",
  summary: """
    Trains a small network on points of the plane, and draws what it makes of every position.
    Prints the last loss and accuracy.
    """,
  defaults: Settings(),
  options: [
    .value("set", \.set, help: "which points"),
    .value("epochs", \.epochs, in: 1...100_000, help: "passes over the points"),
    .value("boundary", \.boundary, placeholder: "FILE", help: "where the picture of points and regions goes"),
    .value("loss", \.loss, placeholder: "FILE", help: "where the loss curve goes"),
  ] + OptionParser<Settings>.Option.common)

parser.main { settings in
  settings.apply()
  let points = settings.set.make(seed: settings.seed)
  let net = Sequential {
    Linear(2, settings.set.hidden)
    ReLU()
    Linear(settings.set.hidden, settings.set.classCount)
    LogSoftmax()
  }
  print(net)
  let trainer = Trainer(
    net, loss: NLLLoss(), optimizer: Momentum(net.parameters, learningRate: 0.1), metrics: [.accuracy],
    terminal: nil)
  let loader = DataLoader(points, batchSize: 128, seed: settings.seed)
  try trainer.fit(loader, epochs: settings.epochs)

  var curve = Chart(title: "Loss on \(settings.set)", xLabel: "epoch", yLabel: "NLL", isLogarithmic: true)
  curve.addCurve("training loss", x: trainer.history.epochs.map { Double($0.number) }, y: trainer.history["loss"])
  print("\n\(curve.text())\n")
  try curve.write(to: URL(fileURLWithPath: settings.loss))
  try draw(points, net, classCount: settings.set.classCount).write(to: URL(fileURLWithPath: settings.boundary))
  print("pictures: \(settings.boundary), \(settings.loss)")
  for figure in trainer.evaluate(points) { print("\(figure.name): \(figure.value.text(decimals: 5))") }
}

/// Draws the points over the regions that the net assigns to each class.
func draw(_ points: TensorDataset, _ net: Module, classCount: Int) -> Chart {
  let (count, labels) = (160, points.targets.scalars(as: Int.self))
  let coordinates = (0..<2).map { points.inputs[.all, $0].scalars(as: Double.self) }
  let ranges = coordinates.map { values in ((values.min() ?? 0) - 0.5)...((values.max() ?? 0) + 0.5) }
  let xs = Tensor.linspace(ranges[0].lowerBound, ranges[0].upperBound, count: count)
  let ys = Tensor.linspace(ranges[1].lowerBound, ranges[1].upperBound, count: count)
  // The grid's coordinates, row by row.
  let grid = Tensor.stack(
    [xs.expand([count, count]), ys.reshape([count, 1]).expand([count, count])], axis: 2)
  let classes = withoutGradient { net(grid.reshape([count * count, 2])) }.argmax(axis: 1)
  var chart = Chart(title: "What the network makes of the plane", xLabel: "x", yLabel: "y")
  chart.addRegions(classes.reshape([count, count]), x: ranges[0], y: ranges[1])
  for label in 0..<classCount {
    let chosen = labels.indices.filter { labels[$0] == label }
    chart.addPoints("class \(label)", x: chosen.map { coordinates[0][$0] }, y: chosen.map { coordinates[1][$0] })
  }
  return chart
}
