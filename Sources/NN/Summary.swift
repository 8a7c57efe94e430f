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
    let layers = layersWithNewParameters()
    var summary = ModelSummary(
      rows: layers.map { .init(name: $0.layer.name, layer: $0.layer.element.summary, parameters: $0.parameters) },
      trainableParameters: trainableCount)
    // Modules hold the closures while the call runs, so the closures record into a shared object.
    let notes = Notes()
    let hooks = layers.enumerated().map { row, part in
      let module = part.layer.element
      return module.addObserver { [unowned module] input, result in
        guard let output = ModuleHooks.firstVariable(in: result)?.shape else { return nil }
        notes.all.append((row, output, module.multiplyAdds(input: input?.shape ?? output, output: output)))
        return nil
      }
    }
    defer { for hook in hooks { hook.remove() } }
    evaluating { withoutGradient(call) }
    for note in notes.all {
      summary.rows[note.row].outputShape = note.shape
      summary.rows[note.row].multiplyAdds += note.work
    }
    return summary
  }

  /// The modules that have a row, those without parts or with variables of their own; for each the number of elements
  /// of its parameters that no row before it has.
  private func layersWithNewParameters() -> [(layer: Named<Module>, parameters: Int)] {
    var counted: Set<ObjectIdentifier> = []
    return modules.compactMap { part in
      let own = ReflectionWalk(of: part.element, depth: 1)
      if own.modules.count > 1 && own.variables.isEmpty { return nil }
      let new = own.variables.filter {
        $0.element.isParameter && counted.insert(ObjectIdentifier($0.element)).inserted
      }
      return (part, new.reduce(0) { $0 + $1.element.elementCount })
    }
  }

  /// Runs `body` in evaluation mode, and then puts each module back into the mode it was in.
  private func evaluating(_ body: () -> Void) {
    let modes = modules.map { ($0.element, $0.element.isTraining) }
    defer { for (module, isTraining) in modes { module.isTraining = isTraining } }
    eval()
    body()
  }

  private var trainableCount: Int {
    parameters.reduce(0) { $0 + ($1.element.requiresGrad ? $1.element.elementCount : 0) }
  }
}

private final class Notes {
  var all: [(row: Int, shape: Shape, work: Int)] = []
}
