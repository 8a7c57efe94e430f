// Results computed in an operand's place. Once `a * 2 + b` has its sum, nobody can look at the product any more: the sum
// becomes what that variable is, in its memory if no derivative keeps its numbers, with its hold on the tape. That saves
// single values two objects, and large ones a pass over memory. So operators take their left side over, and rules the
// gradient they are handed.

/// Records a function of each element and a number. The operand is used up.
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

/// Records a function of each element and its partner in `other`, which gets no gradient. The operand is used up.
@inline(__always)
func record(
  _ op: Op, spending x: consuming Variable, _ function: BinaryFunction, _ other: Variable,
  _ pullback: @autoclosure () -> TapeEntry.Pullback
) -> Variable {
  guard Variable.isLast(&x) else { return record(op, x, x.combined(function, other), pullback()) }
  other.withTensor { x.tensor.combine(function, $0) }
  return x.becoming(op, nil, pullback(), pullback())
}

/// Records a function of pairs of elements whose derivative keeps neither. The left operand is used up.
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
  /// Whether this is the last reference to a variable, so that a result may take its place; not if anybody has asked for
  /// its gradient.
  @inline(__always)
  fileprivate static func isLast(_ x: inout Variable) -> Bool {
    isKnownUniquelyReferenced(&x) && !x.showsGradient && !Anomaly.isWatched
  }

  /// Whether an op with this operand goes on the tape for its sake.
  @inline(__always)
  var isRecorded: Bool { entry != nil && ThreadState.current.isRecording }

  /// This variable as the result of an op whose left input it was; its hold on its entry is handed on to the new one.
  @inline(__always)
  fileprivate consuming func becoming(
    _ op: Op, _ right: TapeEntry?, _ leftRule: @autoclosure () -> TapeEntry.Pullback,
    _ rightRule: @autoclosure () -> TapeEntry.Pullback
  ) -> Variable {
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
