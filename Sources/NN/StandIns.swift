extension Model {
  /// Runs `body` with other variables in place of parameters and buffers, by name: the model as a function of its
  /// parameters. What it computes has gradients with respect to them.
  ///
  /// ```swift
  /// let gradients = gradient(of: mse(net(x), y), withRespectTo: net.parameters, createGraph: true)
  /// let adapted = zip(net.parameters, gradients).map { p, g in
  ///   Named(name: p.name, element: p.element - 0.01 * g.element)
  /// }
  /// net.withValues(adapted) { mse(net(x2), y2) }.backward()  // through the step, to the parameters before it
  /// ```
  ///
  /// What is not named stays as it is. Stops for a name that the model does not have, and for another shape or type.
  /// While `body` runs, no other thread may use the model, just as in training. If a `checkpoint` in it is recomputed
  /// later, that uses the model's own values. PyTorch's `functional_call`.
  public func withValues<Result>(_ values: [Named<Variable>], _ body: () throws -> Result) rethrows -> Result {
    let own = Dictionary(uniqueKeysWithValues: walked().variables.map { ($0.name, $0.element) })
    let pairs = values.map { value in
      guard let variable = own[value.name] else {
        stop("withValues: \(type(of: self)) has no parameter or buffer \(value.name)")
      }
      let other = value.element
      require(
        other.shape == variable.shape && other.dtype == variable.dtype,
        "withValues: \(value.name) is \(variable.dtype) \(variable.shape), got \(other.dtype) \(other.shape)")
      return (variable, other.snapshot)
    }
    for (variable, other) in pairs { variable.exchange(with: other) }
    defer { for (variable, other) in pairs.reversed() { variable.exchange(with: other) } }
    return try body()
  }
}
