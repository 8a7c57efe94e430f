import NN
import Optim

/// What training measured, epoch by epoch.
public struct History: Sendable {
  /// The figures of one epoch.
  public struct Epoch: Sendable {
    /// The epoch, counted from 1.
    public let number: Int
    /// How long it took, validation included.
    public let seconds: Double
    /// Each figure under its name, in the order in which they are shown: `loss`, metrics, `validation loss`, ….
    public internal(set) var figures: [(name: String, value: Double)]

    /// The figure of that name; nil when it was not measured.
    public subscript(name: String) -> Double? { figures.first { $0.name == name }?.value }
  }

  /// The epochs in order.
  public internal(set) var epochs: [Epoch] = []

  /// One figure over the epochs, NaN where it was not measured.
  public subscript(name: String) -> [Double] { epochs.map { $0[name] ?? .nan } }

  /// The names of all figures, in the order in which they first appeared.
  public var names: [String] {
    var seen: Set<String> = []
    return epochs.flatMap(\.figures).map(\.name).filter { seen.insert($0).inserted }
  }

  /// The epoch in which a figure was best; nil when it was never measured.
  public func best(_ name: String, isBetterLarger: Bool = false) -> Epoch? {
    let measured = epochs.filter { $0[name].map { !$0.isNaN } ?? false }
    return measured.max { first, second in
      let (first, second) = (first[name] ?? .nan, second[name] ?? .nan)
      return isBetterLarger ? first < second : first > second
    }
  }
}

// MARK: - Saving and restoring

extension History {
  /// Tables of epoch and value, float64 [n, 2]: `seconds`, and each figure under its index among the
  /// names and its name.
  var state: [String: Tensor] {
    func table(_ rows: [(Int, Double)]) -> Tensor {
      Tensor(rows.flatMap { [Double($0), $1] }, shape: [rows.count, 2])
    }
    if epochs.isEmpty { return [:] }
    var state = ["seconds": table(epochs.map { ($0.number, $0.seconds) })]
    for (number, name) in names.enumerated() {
      state["\(number)/\(name)"] = table(epochs.compactMap { epoch in epoch[name].map { (epoch.number, $0) } })
    }
    return state
  }

  /// Restores a state that a history returned.
  init(_ state: [String: Tensor]) throws(StateError) {
    if state.isEmpty { return }
    var reader = StateReader(state, of: "History")
    let seconds = try Self.rows("seconds", &reader)
    epochs = seconds.map { Epoch(number: $0.epoch, seconds: $0.value, figures: []) }
    let indices = Dictionary(seconds.enumerated().map { ($1.epoch, $0) }, uniquingKeysWith: { first, _ in first })
    let figures = state.keys.compactMap { key in
      key.firstIndex(of: "/").flatMap { slash in Int(key[..<slash]).map { (number: $0, key: key, slash: slash) } }
    }.sorted { $0.number < $1.number }
    for (_, key, slash) in figures {
      for (epoch, value) in try Self.rows(key, &reader) {
        guard let index = indices[epoch] else { throw .invalid(owner: "History", key: key, found: Double(epoch)) }
        epochs[index].figures.append((String(key[key.index(after: slash)...]), value))
      }
    }
    try reader.finish()
  }

  private static func rows(
    _ key: String, _ reader: inout StateReader
  ) throws(StateError) -> [(epoch: Int, value: Double)] {
    let numbers = try reader.doubles(key, columns: 2)
    var rows: [(epoch: Int, value: Double)] = []
    for row in stride(from: 0, to: numbers.count, by: 2) {
      guard let epoch = Int(exactly: numbers[row]) else {
        throw .invalid(owner: "History", key: key, found: numbers[row])
      }
      rows.append((epoch, numbers[row + 1]))
    }
    return rows
  }
}
