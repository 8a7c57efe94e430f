import Synchronization

extension Tape {
  /// Whether every op is watched for the first NaN or infinity, forward and backward.
  ///
  /// Off by default, as it reads every result once more. When an op produces a number that is not finite from finite
  /// ones, `anomalyHandler` is called with a sentence that names the op and its inputs' shapes.
  public static var detectsAnomalies: Bool {
    get { Anomaly.isWatched }
    set {
      if Anomaly.isOn.exchange(newValue, ordering: .relaxed) != newValue { Watch.count(newValue ? 1 : -1) }
    }
  }

  /// What is called when an op produces a NaN or an infinity while `detectsAnomalies` is on.
  /// By default it stops the program.
  public static var anomalyHandler: @Sendable (String) -> Void {
    get { Anomaly.handler.withLock { $0 } }
    set { Anomaly.handler.withLock { $0 = newValue } }
  }
}

enum Anomaly {
  static let isOn = Atomic(false)
  static let handler = Guarded<@Sendable (String) -> Void>({ stop($0) })

  @inline(__always)
  static var isWatched: Bool { isOn.load(ordering: .relaxed) }

  /// Reports an op whose inputs are finite and whose result is not.
  static func checkValue(_ op: Op, _ value: Tensor, inputs: [Variable]) {
    checkValue(op.rawValue, value, inputs: inputs)
  }

  /// Reports an op of a name that a user gave it.
  static func checkValue(_ name: String, _ value: Tensor, inputs: [Variable]) {
    // In a backward pass the derivative that calls this op is named instead.
    if ThreadState.current.pointee.walks > 0 { return }
    guard !isFinite(value), inputs.allSatisfy({ isFinite($0.tensor) }) else { return }
    let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
    report("\(name) made \(firstBad(value)) of finite inputs of shape \(shapes)")
  }

  /// Reports a derivative that turned a gradient into NaN or infinity. The walk stops at the first, so what came in was
  /// finite.
  static func checkGradient(_ gradient: Variable, of entry: TapeEntry) {
    guard !isFinite(gradient.tensor) else { return }
    let inputs = entry.inputs.map(\.shape)
    let shapes = inputs.isEmpty ? "\(gradient.shape)" : inputs.map(\.description).joined(separator: ", ")
    report("the derivative of \(entry.name) made \(firstBad(gradient.tensor)); its inputs have shape \(shapes)")
  }

  private static func report(_ sentence: String) { handler.withLock { $0 }("anomaly: " + sentence) }

  private static func isFinite(_ x: Tensor) -> Bool {
    // x · 0 is 0 for finite numbers and NaN for all others, and a sum with NaN is NaN.
    !x.dtype.isFloatingPoint || (x * 0).sum().item() == 0
  }

  private static func firstBad(_ x: Tensor) -> String {
    let values = x.scalars(as: Double.self)
    guard let index = values.firstIndex(where: { !$0.isFinite }) else { return "a number that is not finite" }
    return values[index].isNaN ? "NaN" : "an infinity"
  }
}
