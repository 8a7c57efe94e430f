import Tensors

/// How often samples of each class were predicted as each class: rows are the true classes, columns the predicted ones.
public struct ConfusionMatrix: Sendable, Equatable {
  /// How many classes there are.
  public let classCount: Int
  private let names: [String]
  /// Row-major counts.
  private(set) var counts: [Int]

  /// Creates an empty matrix.
  /// - Parameter classNames: The names of the classes in the table, one for each.
  public init(classNames: [String]) {
    names = classNames
    classCount = classNames.count
    counts = Array(repeating: 0, count: classNames.count * classNames.count)
  }

  /// Creates an empty matrix of classes without names, which are numbered.
  public init(classCount: Int) {
    require(classCount >= 0, "ConfusionMatrix: the number of classes must not be negative, got \(classCount)")
    Memory.requireRoom(forNumbers: classCount.times(classCount))
    self.init(classNames: (0..<classCount).map(String.init))
  }

  /// The matrix of row-major counts.
  init(counts: [Int]) {
    self.init(classCount: Int(Double(counts.count).squareRoot().rounded()))
    self.counts = counts
  }

  /// Creates the matrix of two lists of equal length.
  public init(labels: [Int], predictions: [Int], classNames: [String]) {
    require(
      labels.count == predictions.count,
      "ConfusionMatrix: \(labels.count) labels and \(predictions.count) predictions: one prediction a label is needed")
    self.init(classNames: classNames)
    for (label, prediction) in zip(labels, predictions) { add(label: label, prediction: prediction) }
  }

  /// Counts one sample.
  public mutating func add(label: Int, prediction: Int) {
    counts[index(label, prediction)] += 1
  }

  /// How many samples of a class were predicted as another, or as itself.
  public subscript(label label: Int, prediction prediction: Int) -> Int {
    counts[index(label, prediction)]
  }

  /// How many samples were counted.
  public var count: Int { counts.reduce(0, +) }

  /// How many samples were predicted correctly: the sum of the diagonal.
  public var correctCount: Int {
    (0..<classCount).reduce(0) { $0 + self[label: $1, prediction: $1] }
  }

  /// The share of samples that were predicted correctly, 0 to 1; NaN if none was counted.
  public var accuracy: Double { Double(correctCount) / Double(count) }

  /// The share of the samples predicted as a class that belong to it; 0 if there are none, as in scikit-learn.
  public func precision(of label: Int) -> Double { share(of: label, among: predictedCount(label)) }

  /// The share of a class's samples that were predicted as it; 0 if there are none.
  public func recall(of label: Int) -> Double { share(of: label, among: presentCount(label)) }

  /// The harmonic mean of precision and recall; 0 if the class neither occurred nor was predicted.
  public func f1(of label: Int) -> Double { 2 * share(of: label, among: predictedCount(label) + presentCount(label)) }

  private func predictedCount(_ label: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[label: $1, prediction: label] }
  }
  private func presentCount(_ label: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[label: label, prediction: $1] }
  }
  private func share(of label: Int, among count: Int) -> Double {
    count == 0 ? 0 : Double(self[label: label, prediction: label]) / Double(count)
  }

  private func index(_ label: Int, _ prediction: Int) -> Int {
    require(
      (0..<classCount).contains(label) && (0..<classCount).contains(prediction),
      "ConfusionMatrix: label \(label) or prediction \(prediction) is not one of \(classCount) classes")
    return label * classCount + prediction
  }
}

extension ConfusionMatrix: CustomStringConvertible {
  /// A table for the terminal: true classes down, predicted ones across, and a dot for 0.
  public var description: String {
    let cells = counts.map { $0 == 0 ? "·" : String($0) }
    // Long class names would make wide columns, so the headings are their beginnings.
    let heads = names.map { String($0.prefix(6)) }
    let width = (cells + heads).map(\.count).max() ?? 0
    let nameWidth = max(names.map(\.count).max() ?? 0, "true".count)
    var lines = [
      String(repeating: " ", count: nameWidth) + "  predicted",
      "true".padded(to: nameWidth) + " " + heads.map { " " + $0.paddedLeft(to: width) }.joined(),
    ]
    for label in 0..<classCount {
      let row = cells[label * classCount..<(label + 1) * classCount]
      lines.append(names[label].padded(to: nameWidth) + " " + row.map { " " + $0.paddedLeft(to: width) }.joined())
    }
    return lines.joined(separator: "\n")
  }
}
