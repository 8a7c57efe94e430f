// What every op shares: its value has been computed, and if a gradient is required, its rule is recorded on the tape.
//
// Rules are autoclosures, so that what they save is captured only if the op is recorded, and only for inputs that
// require a gradient. Inside a rule, capture a `snapshot` of what is saved.

/// Records an op of one input.
@inline(__always)
func record(
  _ op: Op, _ x: Variable, _ value: Tensor, _ pullback: @autoclosure () -> TapeEntry.Pullback
) -> Variable {
  if Watch.isOn { Watch.made(op, value, inputs: [x]) }
  guard let entry = x.entry else { return Variable(value, entry: nil) }
  let state = ThreadState.current
  guard state.isRecording else { return Variable(value, entry: nil) }
  return Variable(value, entry: TapeEntry(op, value, entry.retained(), nil, nil, .unary(pullback()), state))
}

/// Records an op of one input under a rule of any kind.
func record(_ op: Op, _ x: Variable, _ value: Tensor, rule: @autoclosure () -> TapeEntry.Rule) -> Variable {
  if Watch.isOn { Watch.made(op, value, inputs: [x]) }
  let state = ThreadState.current
  guard let entry = x.entry, state.isRecording else { return Variable(value, entry: nil) }
  return Variable(value, entry: TapeEntry(op, value, entry.retained(), nil, nil, rule(), state))
}

/// Records an op of two inputs.
@inline(__always)
func record(
  _ op: Op, _ lhs: Variable, _ rhs: Variable, _ value: Tensor, _ left: @autoclosure () -> TapeEntry.Pullback,
  _ right: @autoclosure () -> TapeEntry.Pullback
) -> Variable {
  if Watch.isOn { Watch.made(op, value, inputs: [lhs, rhs]) }
  let (first, second) = (lhs.entry, rhs.entry)
  if first == nil && second == nil { return Variable(value, entry: nil) }
  let state = ThreadState.current
  guard state.isRecording else { return Variable(value, entry: nil) }
  return Variable(
    value, entry: TapeEntry(op, value, first?.retained(), second?.retained(), left(), right(), state))
}

/// Records an op of up to three inputs whose gradients are computed together; `pullback`
/// returns them in the inputs' order.
@inline(__always)
func record(
  _ op: Op, _ first: Variable, _ second: Variable, _ third: Variable?, _ value: Tensor,
  _ pullback: @autoclosure () -> (Variable) -> (Variable?, Variable?, Variable?)
) -> Variable {
  if Watch.isOn { Watch.made(op, value, inputs: [first, second] + (third.map { [$0] } ?? [])) }
  let entries = (first.entry, second.entry, third?.entry)
  if entries.0 == nil && entries.1 == nil && entries.2 == nil { return Variable(value, entry: nil) }
  let state = ThreadState.current
  guard state.isRecording else { return Variable(value, entry: nil) }
  return Variable(
    value,
    entry: TapeEntry(
      op, value, entries.0?.retained(), entries.1?.retained(), entries.2?.retained(), .triple(pullback()), state))
}

/// Records an op of any number of inputs whose gradients are computed together; `pullback`
/// returns them in the inputs' order.
func record(
  _ op: Op, _ inputs: [Variable], _ value: Tensor, _ pullback: @autoclosure () -> (Variable) -> [Variable?]
) -> Variable {
  if Watch.isOn { Watch.made(op, value, inputs: inputs) }
  let state = ThreadState.current
  guard state.isRecording, inputs.contains(where: \.requiresGrad) else { return Variable(value, entry: nil) }
  return Variable(
    value, entry: TapeEntry(op, value, inputs: inputs.map(\.entry), .joint(pullback()), state))
}

/// Whether a derivative is expressed by the input or by the output, which is then saved.
enum Kept { case input, output }

extension Variable {
  /// An element-wise function. `derivative` gets what is saved, x or y, and dy, and returns dx.
  @inline(__always)
  func unary(
    _ op: Op, _ function: (Tensor) -> Tensor, keeping kept: Kept,
    _ derivative: @escaping (Variable, Variable) -> Variable
  ) -> Variable {
    requireFloat(op)
    return recordUnary(op, withTensor(function), keeping: kept, derivative)
  }

  /// An op of one input whose derivative is expressed by the input or by the output.
  func recordUnary(
    _ op: Op, _ value: Tensor, keeping kept: Kept, _ derivative: @escaping (Variable, Variable) -> Variable
  ) -> Variable {
    if kept == .input { return record(op, self, value, { [x = snapshot] dy in derivative(x, dy) }) }
    if Watch.isOn { Watch.made(op, value, inputs: [self]) }
    let state = ThreadState.current
    guard let entry, state.isRecording else { return Variable(value, entry: nil) }
    let rule = TapeEntry.Rule.unaryOfOutput { entry, dy in derivative(Variable(value, entry: entry.retained()), dy) }
    return Variable(value, entry: TapeEntry(op, value, entry.retained(), nil, nil, rule, state))
  }

  /// An activation whose derivative, that of the curve `slope`, is computed by a kernel in one pass; `derivative` is
  /// the same in ops, of x and dy.
  func curve(
    _ op: Op, _ value: Tensor, slope: Curve, _ derivative: @escaping (Variable, Variable) -> Variable
  ) -> Variable {
    record(
      op, self, value, { [x = snapshot] dy in fused(x.tensor.curveBackward(slope, dy.tensor)) { derivative(x, dy) } })
  }

  /// Stops unless the elements are of a float type, which `op` requires.
  @inline(__always)
  func requireFloat(_ op: Op) { requireFloat(named: op.rawValue) }

  /// The same for a composition of other ops, under the name that the caller used.
  @inline(__always)
  package func requireFloat(named op: @autoclosure () -> String) { tensor.requireFloat(named: op()) }
}

extension Variable {
  /// Passes `tensor` to `body` without the retain and release that reading a property of a class costs, an
  /// eighth of an unrecorded op on scalars. Sound because the caller holds this variable, which holds the
  /// tensor, and nothing in `body` sets it.
  @inline(__always)
  func withTensor<Result>(_ body: (Tensor) -> Result) -> Result {
    Unmanaged.passUnretained(tensor.body)._withUnsafeGuaranteedRef { body(Tensor($0)) }
  }

  /// A function of two operands' elements.
  @inline(__always)
  func combined(_ function: BinaryFunction, _ other: Variable) -> Tensor {
    withTensor { x in other.withTensor { x.combined(function, $0) } }
  }

  /// A function of each element and a number.
  @inline(__always)
  func combined(_ function: BinaryFunction, _ number: Double, reversed: Bool = false) -> Tensor {
    withTensor { $0.combined(function, number, reversed: reversed) }
  }
}
