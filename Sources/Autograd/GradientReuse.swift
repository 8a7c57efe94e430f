// Gradients computed in their own memory. A rule is handed its gradient: when nobody else holds it, and it is on no
// tape, the result may take its place, which saves an allocation on single values and a pass over memory on large ones.

extension Variable {
  /// This gradient times a number.
  consuming func scaled(by number: Double) -> Variable {
    var dy = self
    guard Variable.isReusable(&dy) else { return dy * number }
    dy.tensor.combine(.multiply, number)
    return dy
  }

  /// This gradient divided by a number.
  consuming func divided(by number: Double) -> Variable {
    var dy = self
    guard Variable.isReusable(&dy) else { return dy / number }
    dy.tensor.combine(.divide, number)
    return dy
  }

  /// This gradient times a value that the rule kept.
  consuming func scaled(by x: Variable) -> Variable {
    var dy = self
    if (x.entry == nil || !ThreadState.current.isRecording) && Variable.isReusable(&dy)
      && dy.tensor.combineInPlace(.multiply, x.tensor)
    {
      return dy
    }
    return dy * x
  }

  /// Whether a gradient's numbers can be overwritten: no other reference, and no derivative of its own.
  private static func isReusable(_ dy: inout Variable) -> Bool {
    dy.entry == nil && isKnownUniquelyReferenced(&dy) && dy.tensor.isUniqueAndDense()
  }
}
