// What every op shares: the value is at hand, and if a gradient is wanted the rule goes on the tape.
//
// Rules are autoclosures, so that what they keep is captured only when it is recorded, and only for inputs that require
// a gradient. Inside a rule, take `snapshot` of what is kept.

/// Records an op of one input.
@inline(__always)
func record(
  _ op: Op, _ x: Variable, _ value: Tensor, _ pullback: @autoclosure () -> TapeEntry.Pullback
) -> Variable {
  if Anomaly.isWatched { Anomaly.checkValue(op, value, inputs: [x]) }
  guard let entry = x.entry else { return Variable(value, entry: nil) }
  let state = ThreadState.current
  guard state.isRecording else { return Variable(value, entry: nil) }
  return Variable(value, entry: TapeEntry(op, value, entry.retained(), nil, nil, .unary(pullback()), state))
}

/// Records an op of one input under a rule of any kind.
func record(_ op: Op, _ x: Variable, _ value: Tensor, rule: @autoclosure () -> TapeEntry.Rule) -> Variable {
  if Anomaly.isWatched { Anomaly.checkValue(op, value, inputs: [x]) }
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
  if Anomaly.isWatched { Anomaly.checkValue(op, value, inputs: [lhs, rhs]) }
  let (first, second) = (lhs.entry, rhs.entry)
  if first == nil && second == nil { return Variable(value, entry: nil) }
  let state = ThreadState.current
  guard state.isRecording else { return Variable(value, entry: nil) }
  return Variable(
    value, entry: TapeEntry(op, value, first?.retained(), second?.retained(), left(), right(), state))
}

/// Records an op of up to three inputs whose gradients are found together; `pullback` answers in the inputs' order.
@inline(__always)
func record(
  _ op: Op, _ first: Variable, _ second: Variable, _ third: Variable?, _ value: Tensor,
  _ pullback: @autoclosure () -> (Variable) -> (Variable?, Variable?, Variable?)
) -> Variable {
  if Anomaly.isWatched { Anomaly.checkValue(op, value, inputs: [first, second] + (third.map { [$0] } ?? [])) }
  let entries = (first.entry, second.entry, third?.entry)
  if entries.0 == nil && entries.1 == nil && entries.2 == nil { return Variable(value, entry: nil) }
  let state = ThreadState.current
  guard state.isRecording else { return Variable(value, entry: nil) }
  return Variable(
    value,
    entry: TapeEntry(
      op, value, entries.0?.retained(), entries.1?.retained(), entries.2?.retained(), .triple(pullback()), state))
}

/// Records an op of any number of inputs whose gradients are found together; `pullback` answers in the inputs' order.
func record(
  _ op: Op, _ inputs: [Variable], _ value: Tensor, _ pullback: @autoclosure () -> (Variable) -> [Variable?]
) -> Variable {
  if Anomaly.isWatched { Anomaly.checkValue(op, value, inputs: inputs) }
  let state = ThreadState.current
  guard state.isRecording, inputs.contains(where: \.requiresGrad) else { return Variable(value, entry: nil) }
  return Variable(
    value, entry: TapeEntry(op, value, inputs: inputs.map(\.entry), .joint(pullback()), state))
}

/// Which side of a function of one number its derivative is written in.
enum Kept { case input, output }

extension Variable {
  /// A function of each element. `derivative` gets what is kept, x or y, and dy; it gives dx.
  @inline(__always)
  func unary(
    _ op: Op, _ function: (Tensor) -> Tensor, keeping kept: Kept,
    _ derivative: @escaping (Variable, Variable) -> Variable
  ) -> Variable {
    requireFloat(op)
    return recordUnary(op, withTensor(function), keeping: kept, derivative)
  }

  /// An op of one input whose derivative is written in the input or the output.
  func recordUnary(
    _ op: Op, _ value: Tensor, keeping kept: Kept, _ derivative: @escaping (Variable, Variable) -> Variable
  ) -> Variable {
    if kept == .input { return record(op, self, value, { [x = snapshot] dy in derivative(x, dy) }) }
    if Anomaly.isWatched { Anomaly.checkValue(op, value, inputs: [self]) }
    let state = ThreadState.current
    guard let entry, state.isRecording else { return Variable(value, entry: nil) }
    let rule = TapeEntry.Rule.unaryOfOutput { entry, dy in derivative(Variable(value, entry: entry.retained()), dy) }
    return Variable(value, entry: TapeEntry(op, value, entry.retained(), nil, nil, rule, state))
  }

  /// An activation whose derivative, that of the curve `slope`, a kernel finds in one pass; `derivative` writes the same in
  /// ops, of x and dy.
  func curve(
    _ op: Op, _ value: Tensor, slope: Curve, _ derivative: @escaping (Variable, Variable) -> Variable
  ) -> Variable {
    record(
      op, self, value, { [x = snapshot] dy in fused(x.tensor.curveBackward(slope, dy.tensor)) { derivative(x, dy) } })
  }

  /// Stops an op that needs real numbers.
  @inline(__always)
  func requireFloat(_ op: Op) { requireFloat(named: op.rawValue) }

  /// The same for what is composed of other ops, in the name that the caller wrote.
  @inline(__always)
  package func requireFloat(named op: @autoclosure () -> String) { tensor.requireFloat(named: op()) }
}

extension Variable {
  /// `tensor` for the length of a call, without the retain and release that reading a class's property costs: an
  /// eighth of an unrecorded op on single values. Sound because this variable, which the caller holds, holds the tensor,
  /// and nothing sets it inside `body`.
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
