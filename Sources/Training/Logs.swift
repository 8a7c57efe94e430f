import Datasets
import Foundation
import NN

/// Writes each epoch's figures as a line of a CSV file: `epoch,seconds,loss,…`.
///
/// A line goes to the file when its epoch ends. Goes on behind the lines of a run that is resumed.
public final class CSVLog: Callback {
  private let url: URL
  private var names: [String] = []

  /// Writes to a file, which is replaced when training begins at its first epoch.
  public init(_ url: URL) { self.url = url }

  public override func fitBegan(_ trainer: Trainer) throws {
    if trainer.step == 0 {
      try write("", appending: false)
    } else if let head = try? String(contentsOf: url, encoding: .utf8).prefix(while: { $0 != "\n" }) {
      names = head.split(separator: ",").dropFirst(2).map(String.init)
    }
  }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    if names.isEmpty {
      names = epoch.figures.map(\.name)
      try write((["epoch", "seconds"] + names).joined(separator: ",") + "\n")
    }
    let values = names.map { epoch[$0].map { "\($0)" } ?? "" }
    try write((["\(epoch.number)", epoch.seconds.text(decimals: 3)] + values).joined(separator: ",") + "\n")
  }

  private func write(_ text: String, appending: Bool = true) throws {
    do {
      guard appending else { return try Data(text.utf8).write(to: url) }
      let file = try FileHandle(forWritingTo: url)
      defer { try? file.close() }
      try file.seekToEnd()
      try file.write(contentsOf: Data(text.utf8))
    } catch {
      throw FileError(
        file: url.path, expected: "a log that can be written", found: "no such folder, no permission or no space left")
    }
  }
}

/// Sends figures to TensorBoard: the graph of the first batch's loss, the loss of every few batches, and at each epoch's end
/// all figures and the distributions of all parameters.
public final class TensorBoardLog: Callback {
  private let board: TensorBoard
  private let interval: Int
  private let hasHistograms: Bool

  /// Writes to a board, the loss of every `interval`-th batch.
  public init(_ board: TensorBoard, interval: Int = 10, histograms: Bool = true) {
    require(interval > 0, "TensorBoardLog: the interval must be positive, got \(interval)")
    (self.board, self.interval, hasHistograms) = (board, interval, histograms)
  }

  public override func gradientsFound(_ trainer: Trainer, batch: Batch, loss: Double) throws {
    guard trainer.step == 0 else { return }
    // The batch's own graph was let go by its backward pass. In use, a model draws no random numbers and changes nothing.
    trainer.model.eval()
    defer { trainer.model.train() }
    try board.add(graphOf: trainer.loss(trainer.model(batch.inputs), batch.targets))
  }

  public override func batchEnded(_ trainer: Trainer, loss: Double) throws {
    if trainer.step % interval == 0 { try board.add(scalar: loss, "batch/loss", step: trainer.step) }
  }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    for figure in epoch.figures {
      try board.add(scalar: figure.value, "epoch/\(figure.name.replacing(" ", with: "-"))", step: epoch.number)
    }
    if !hasHistograms { return }
    for parameter in trainer.model.parameters {
      try board.add(
        histogram: parameter.element.value, parameter.name.replacing(".", with: "/"), step: epoch.number)
    }
  }
}

/// Draws figures over the epochs into an SVG file, anew after each epoch.
public final class PlotCallback: Callback {
  private let url: URL
  private let figures: [String]
  private let title: String
  private let isLogarithmic: Bool

  /// Draws the named figures.
  public init(
    _ url: URL, title: String = "Training", figures: [String] = ["loss", "validation loss"], isLogarithmic: Bool = true
  ) {
    (self.url, self.title, self.figures, self.isLogarithmic) = (url, title, figures, isLogarithmic)
  }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    var chart = Chart(title: title, xLabel: "epoch", isLogarithmic: isLogarithmic)
    let numbers = trainer.history.epochs.map { Double($0.number) }
    for figure in figures where epoch[figure] != nil {
      chart.addCurve(figure, x: numbers, y: trainer.history[figure])
    }
    try chart.write(to: url)
  }
}
