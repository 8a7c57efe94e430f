// Results that take their operand's place. Once `a * 2 + b` has been computed, nothing refers to the product any more,
// so the sum takes over its variable, its reference to the tape and, unless a derivative has saved the product, its
// memory. That saves scalars two allocations, and large tensors a pass over memory. For this, operators consume their
// left operand, and rules the gradient that they are given.

/// Records a function of each element and a number. Consumes the operand.
@inline(__always)
func record(
  _ op: Op, spending x: consuming Variable, _ function: BinaryFunction, _ number: Double, reversed: Bool = false,
  _ pullback: @autoclosure () -> TapeEntry.Pullback
) -> Variable {
  guard Variable.isLast(&x) else {
    return record(op, x, x.combined(function, number, reversed: reversed), pullback())
  }
  x.tensor.combine(function, number, reversed: reversed)
  return x.becoming(op, nil, pullback(), pullback())
}

/// Records a function of each element and its partner in `other`, which gets no gradient. Consumes the operand.
@inline(__always)
func record(
  _ op: Op, spending x: consuming Variable, _ function: BinaryFunction, _ other: Variable,
  _ pullback: @autoclosure () -> TapeEntry.Pullback
) -> Variable {
  guard Variable.isLast(&x) else { return record(op, x, x.combined(function, other), pullback()) }
  other.withTensor { x.tensor.combine(function, $0) }
  return x.becoming(op, nil, pullback(), pullback())
}

/// Records a function of pairs of elements whose derivative saves neither. Consumes the left operand.
@inline(__always)
func record(
  _ op: Op, spending lhs: consuming Variable, _ function: BinaryFunction, _ rhs: Variable,
  _ left: @autoclosure () -> TapeEntry.Pullback, _ right: @autoclosure () -> TapeEntry.Pullback
) -> Variable {
  guard Variable.isLast(&lhs) else { return record(op, lhs, rhs, lhs.combined(function, rhs), left(), right()) }
  rhs.withTensor { lhs.tensor.combine(function, $0) }
  return lhs.becoming(op, rhs.entry, left(), right())
}

extension Variable {
  /// Whether this is the last reference to a variable, so that a result may take its place; false if anybody has
  /// asked for its gradient.
  @inline(__always)
  fileprivate static func isLast(_ x: inout Variable) -> Bool {
    isKnownUniquelyReferenced(&x) && !x.showsGradient && !Anomaly.isWatched
  }

  /// Whether an op is recorded because of this operand.
  @inline(__always)
  var isRecorded: Bool { entry != nil && ThreadState.current.isRecording }

  /// Turns this variable into the result of an op whose left input it was; the new entry takes
  /// over its reference to the old.
  @inline(__always)
  fileprivate consuming func becoming(
    _ op: Op, _ right: TapeEntry?, _ leftRule: @autoclosure () -> TapeEntry.Pullback,
    _ rightRule: @autoclosure () -> TapeEntry.Pullback
  ) -> Variable {
    if Watch.isOn { Watch.made(op) }
    if entry == nil && right == nil { return self }
    let state = ThreadState.current
    if state.isRecording {
      entry = TapeEntry(op, tensor, entry, right?.retained(), leftRule(), rightRule(), state)
    } else {
      entry?.release()
      entry = nil
    }
    return self
  }
}
