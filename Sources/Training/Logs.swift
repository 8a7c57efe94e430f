import Datasets
import Foundation
import NN

/// Writes each epoch's figures as a line of a CSV file: `epoch,seconds,loss,…`.
///
/// Each line is written as a whole when its epoch ends. A resumed run continues after the epochs that it has completed:
/// lines that a killed process wrote after its checkpoint are removed, and missing ones are restored from the history.
public final class CSVLog: Callback {
  private let url: URL
  private var file: RecordFile?
  private var names: [String] = []

  /// Writes to a file, which is replaced when training begins at the first epoch.
  public init(_ url: URL) { self.url = url }

  public override func fitBegan(_ trainer: Trainer) throws {
    let old = trainer.step > 0 ? try? String(contentsOf: url, encoding: .utf8) : nil
    // What follows the last line end is an incomplete line.
    var lines = (old ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    names = try lines.popFirst().map { try names(in: $0) } ?? trainer.history.names
    let history = trainer.history.epochs
    let first = history.first?.number ?? trainer.position.epoch + 1
    let kept = lines.filter { line in Int(line.prefix { $0 != "," }).map { $0 < first } ?? false }
    let text = (names.isEmpty ? "" : header) + kept.map { $0 + "\n" }.joined() + history.map(line).joined()
    if text != old { try AtomicFile.write(to: url.path) { try $0.append(Array(text.utf8)) } }
    file = try RecordFile(url.path)
  }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    if names.isEmpty {
      names = epoch.figures.map(\.name)
      try file?.append(Array(header.utf8))
    }
    try file?.append(Array(line(epoch).utf8))
  }

  public override func fitEnded(_ trainer: Trainer) { file = nil }

  private var header: String { (["epoch", "seconds"] + names.map(Self.quoted)).joined(separator: ",") + "\n" }

  private func line(_ epoch: History.Epoch) -> String {
    let values = names.map { epoch[$0].map { "\($0)" } ?? "" }
    return (["\(epoch.number)", epoch.seconds.text(decimals: 3)] + values).joined(separator: ",") + "\n"
  }

  private static func quoted(_ name: String) -> String {
    name.contains { ",\"\n".contains($0) } ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
  }

  private func names(in header: Substring) throws -> [String] {
    Array(try CSVTable(bytes: Array(header.utf8), name: url.lastPathComponent).columns.dropFirst(2))
  }
}

/// Sends figures to TensorBoard: the graph of the first batch's loss, the loss of every few batches, and at each
/// epoch's end all figures and the distributions of all parameters.
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
    // The backward pass has released the batch's own graph. In evaluation mode a model draws no random numbers and
    // changes nothing.
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

/// Draws figures over the epochs into an SVG file, which is replaced after each epoch.
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
