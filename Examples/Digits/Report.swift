import Datasets
import Foundation
import NN
import Training

/// Draws some of the misclassified images.
func printMisread(_ set: LabeledImages, _ predictions: [Int]) {
  let misread = predictions.indices.filter { predictions[$0] != set.labels[$0] }
  guard !misread.isEmpty else { return print("None of \(set.count) was misread.\n") }
  // Two images of MNIST's size fill the width of a usual terminal.
  let shown = misread.prefix(set.columns <= 8 ? 6 : 4)
  print("\(misread.count) of \(set.count) misread\(shown.count < misread.count ? ", among them" : ""):\n")
  let images = shown.map { index in
    TerminalImage(
      set.images[index].scalars(as: Float.self), width: set.columns, height: set.rows,
      caption: "\(set.classNames[set.labels[index]]) read as \(set.classNames[predictions[index]])")
  }
  print(TerminalImage.text(images) + "\n")
}

/// Plots the losses over the epochs.
func saveLossCurve(_ history: History, plan: Plan, to path: String) throws {
  var chart = Chart(
    title: "Network \(plan.sizeText), \(plan.rule) \(plan.learningRate), batches of \(plan.batchSize)",
    xLabel: "epoch", yLabel: "cross entropy", isLogarithmic: true)
  let epochs = history.training.indices.map { Double($0 + 1) }
  chart.addCurve("training loss", x: epochs, y: history.training)
  chart.addCurve("test loss", x: epochs, y: history.test)
  try chart.write(to: URL(fileURLWithPath: path))
  print("loss curve: \(path)")
}
