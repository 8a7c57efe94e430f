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

  /// The names of all figures, in the order in which they came up.
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
