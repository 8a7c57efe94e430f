// Higher derivatives of ops whose rule is a kernel: through the same function as a composition of ops that have rules.

extension Variable {
  /// The gradients of Σ function(inputs) · dy, recorded on the tape, with `values`, computed by a kernel, for their
  /// numbers; `nil` for inputs that require none.
  ///
  /// For a rule that has to return gradients with graphs of their own. `function` gets stand-ins for the
  /// inputs: one may be given twice or be computed from another, and each must get only the part of the
  /// gradient that comes through itself.
  static func gradients(
    of function: ([Variable]) -> Variable, at inputs: [Variable], _ dy: Variable, values: [Tensor?]
  ) -> [Variable?] {
    let standIns = inputs.map(StandIn.init)
    function(standIns.map(\.variable)).backward(gradient: dy, createGraph: true)
    return zip(standIns, values).map { standIn, value in
      guard let value, let gradient = standIn.takeGradient() else { return nil }
      return gradient.replacingValue(value)
    }
  }

  /// Replaces the value that ops computed by the same numbers, computed in another way and possibly in another shape.
  func replacingValue(_ value: Tensor) -> Variable {
    let shaped = reshape(value.shape)
    return Variable(value, entry: shaped.entry?.retained())
  }
}

/// A gradient computed by a fused kernel. If it is to be differentiated itself, it gets the graph of
/// the same computation in ops.
func fused(_ gradient: Tensor, _ composition: () -> Variable) -> Variable {
  ThreadState.current.isRecording ? composition().replacingValue(gradient) : Variable(gradient)
}

/// Stands in for an input within a function: the first gradient that reaches it is captured
/// here, later ones pass through.
private final class StandIn {
  let variable: Variable
  private let gate = Gate()

  /// Held by the tape, which must not hold the variable.
  private final class Gate {
    var isOpen = false
    var gradient: Variable?
  }

  init(_ input: Variable) {
    variable = record(
      .standIn, [input], input.tensor,
      { [gate] dy in
        if gate.isOpen { return [dy] }
        gate.gradient = dy
        return [nil]
      })
  }

  /// Takes the captured gradient; later ones pass through.
  func takeGradient() -> Variable? {
    defer { (gate.isOpen, gate.gradient) = (true, nil) }
    return gate.gradient
  }
}
