/// A model's layers with their output shapes: a row for each layer, and totals.
public struct ModelSummary: Sendable, CustomStringConvertible {
  /// A layer, or another module with parameters of its own.
  public struct Row: Sendable {
    /// Its path in the model, and its own line in listings.
    public let name, layer: String
    /// The shape of its last output; nil if it was not called.
    public internal(set) var outputShape: Shape?
    /// The number of elements of its parameters; shared ones are counted at their first occurrence.
    public let parameters: Int
    /// Multiply-adds of products and convolutions, over all its calls.
    public internal(set) var multiplyAdds = 0
  }

  /// In the order of declaration.
  public internal(set) var rows: [Row]
  /// The number of elements of parameters that are not frozen.
  public let trainableParameters: Int
  /// The sum over all rows.
  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }
  /// The sum over all rows.
  public var multiplyAdds: Int { rows.reduce(0) { $0 + $1.multiplyAdds } }

  /// A table.
  public var description: String {
    let titles = ["name", "layer", "output shape", "parameters", "multiply-adds"]
    let lines = rows.map {
      [
        $0.name, $0.layer, $0.outputShape.map { "\($0)" } ?? "not called", $0.parameters.grouped,
        $0.multiplyAdds.grouped,
      ]
    }
    let totals = ["total", "", "", parameters.grouped, multiplyAdds.grouped]
    let frozen = parameters - trainableParameters
    return "\(TextTable(titles: titles, lines: lines, totals: totals, leftColumns: 3))"
      + (frozen > 0 ? "\nof the parameters \(frozen.grouped) are frozen" : "")
  }
}

extension Module {
  /// Calls the model with zeros of a shape and lists each layer's output shape, parameters and multiply-adds.
  ///
  /// ```swift
  /// print(net.summary(inputShape: [1, 28, 28]))
  /// ```
  ///
  /// The call is made in evaluation mode, without gradients, and changes nothing. The type defaults to that of the
  /// first parameter: models that begin with an embedding need `.int64`.
  public final func summary(inputShape: Shape, dtype: DType? = nil) -> ModelSummary {
    let dtype = dtype ?? parameters.first?.element.dtype ?? .float32
    return summary { _ = self(Tensor.zeros(inputShape, dtype: dtype)) }
  }
}

extension Model {
  /// Lists the same for a call of any form: `summary { _ = translator(source, target) }`.
  public func summary(of call: () -> Void) -> ModelSummary {
    let all = modules
    var counted: Set<ObjectIdentifier> = []
    var summary = ModelSummary(rows: [], trainableParameters: trainableCount)
    let modes = all.map(\.element.isTraining)
    // Modules hold the closures while the call runs, so the closures record into a shared object.
    let notes = Notes()
    var hooks: [ModuleHook] = []
    for part in all {
      let module = part.element
      let own = ReflectionWalk(of: module, depth: 1)
      let fresh = own.variables.filter {
        $0.element.isParameter && counted.insert(ObjectIdentifier($0.element)).inserted
      }
      guard own.modules.count == 1 || !own.variables.isEmpty else { continue }
      let row = summary.rows.count
      summary.rows.append(
        .init(
          name: part.name, layer: module.summary, outputShape: nil,
          parameters: fresh.reduce(0) { $0 + $1.element.elementCount }))
      hooks.append(
        module.addObserver { [unowned module] input, result in
          guard let output = ModuleHooks.firstVariable(in: result)?.shape else { return nil }
          notes.all.append((row, output, module.multiplyAdds(input: input?.shape ?? output, output: output)))
          return nil
        })
    }
    defer {
      for hook in hooks { hook.remove() }
      for (part, isTraining) in zip(all, modes) { part.element.isTraining = isTraining }
    }
    eval()
    withoutGradient(call)
    for note in notes.all {
      summary.rows[note.row].outputShape = note.shape
      summary.rows[note.row].multiplyAdds += note.work
    }
    return summary
  }

  private var trainableCount: Int {
    parameters.reduce(0) { $0 + ($1.element.requiresGrad ? $1.element.elementCount : 0) }
  }
}

private final class Notes {
  var all: [(row: Int, shape: Shape, work: Int)] = []
}
