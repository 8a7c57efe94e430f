// Derivatives of higher order of ops whose rule is a kernel: through the same function, composed of ops that have rules.

extension Variable {
  /// The gradients of Σ function(inputs) · dy, on the tape; `values`, found by a kernel, are what they hold.
  ///
  /// For a rule that is asked for gradients with a graph of their own; nil for inputs that require none. `function` gets
  /// stand-ins for the inputs, because one may be given twice or be computed from another, and each is to have the part
  /// of the gradient that comes through it alone.
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

  /// Another value for what ops computed: the same in another shape, found in another way.
  func replacingValue(_ value: Tensor) -> Variable {
    let shaped = reshape(value.shape)
    return Variable(value, entry: shaped.entry?.retained())
  }
}

/// A gradient that a kernel of its own found. Where it is to be differentiated itself, it gets the graph of the same in ops.
func fused(_ gradient: Tensor, _ composition: () -> Variable) -> Variable {
  ThreadState.current.isRecording ? composition().replacingValue(gradient) : Variable(gradient)
}

/// Stands for an input within a function: the gradient that reaches it is taken here first, and later ones pass on.
private final class StandIn {
  let variable: Variable
  private let gate = Gate()

  /// Kept by the tape, which must not keep the variable.
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

  /// The gradient that has come; from now on they pass.
  func takeGradient() -> Variable? {
    defer { (gate.isOpen, gate.gradient) = (true, nil) }
    return gate.gradient
  }
}
