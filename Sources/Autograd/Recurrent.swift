// Recurrent cells over whole sequences. Fused because a step is little work: as separate ops it would take a dozen
// entries and passes over memory, and the gradient of the weights a small product per step instead of a large one.

/// The nonlinearity of a plain recurrent cell.
public enum RecurrentActivation: String, Sendable, CaseIterable {
  /// tanh
  case tanh
  /// max(x, 0)
  case relu
}

extension Variable {
  /// h' = tanh(x + h · Uᵀ), or max(·, 0), step by step. This is x, the input's part, [T, N, H]; returns [T, N, H].
  ///
  /// `weight` U is [H, H], `hidden` [N, H] the state before the first step, zeros if absent. Where `mask`
  /// (bool [T, N]) is false a state stays as it is. `isReversed` runs from the last step to the first.
  /// Elman 1990; PyTorch's `nn.RNN`.
  public func rnn(
    weight: Variable, hidden: Variable? = nil, activation: RecurrentActivation = .tanh, mask: Tensor? = nil,
    isReversed: Bool = false
  ) -> Variable {
    checkRecurrent(.rnn, gates: 1, weight, nil, states: ["hidden state": hidden], mask)
    return recurrent(
      .rnn, Recurrence(activation == .tanh ? .tanh : .relu, isReversed: isReversed, mask: mask),
      Parts(weight: weight, hidden: hidden)
    ) { x, before, parts in
      let sum = x + before.hidden.linear(weight: parts.weight)
      return (activation == .tanh ? sum.tanh() : sum.relu(), nil)
    }
  }

  /// Long short-term memory, step by step: with [i, f, g, o] = x + h · Uᵀ, c' = σ(f)·c + σ(i)·tanh(g) and
  /// h' = σ(o)·tanh(c').
  ///
  /// This is x, the input's part, [T, N, 4·H]; `weight` U is [4·H, H]. Returns the states h [T, N, H] and the last
  /// step's c [N, H]. `hidden` and `cell` [N, H] are h and c before the first step; all else is as in `rnn`. Hochreiter
  /// and Schmidhuber 1997; PyTorch's `nn.LSTM`.
  public func lstm(
    weight: Variable, hidden: Variable? = nil, cell: Variable? = nil, mask: Tensor? = nil, isReversed: Bool = false
  ) -> (states: Variable, cell: Variable) {
    checkRecurrent(.lstm, gates: 4, weight, nil, states: ["hidden state": hidden, "cell state": cell], mask)
    let both = recurrent(
      .lstm, Recurrence(.lstm, isReversed: isReversed, mask: mask), Parts(weight: weight, hidden: hidden, cell: cell)
    ) { x, before, parts in
      let gates = (x + before.hidden.linear(weight: parts.weight)).split(weight.shape[1], axis: 1)
      let cell = gates[1].sigmoid() * before.cell + gates[0].sigmoid() * gates[2].tanh()
      return (gates[3].sigmoid() * cell.tanh(), cell)
    }
    return (both[..<shape[0]], both[shape[0]])
  }

  /// Gated recurrent unit, step by step: with [r, z, n] the thirds of x and [u, v, w] those of h · Uᵀ + b,
  /// n' = tanh(n + σ(r + u)·w) and h' = (1 − σ(z + v))·n' + σ(z + v)·h.
  ///
  /// This is x, the input's part, [T, N, 3·H]; `weight` U is [3·H, H], `bias` b [3·H]. Returns [T, N, H]; all else is
  /// as in `rnn`. Cho et al. 2014, with the reset gate after the product; PyTorch's `nn.GRU`.
  public func gru(
    weight: Variable, bias: Variable? = nil, hidden: Variable? = nil, mask: Tensor? = nil, isReversed: Bool = false
  ) -> Variable {
    checkRecurrent(.gru, gates: 3, weight, bias, states: ["hidden state": hidden], mask)
    return recurrent(
      .gru, Recurrence(.gru, isReversed: isReversed, mask: mask), Parts(weight: weight, bias: bias, hidden: hidden)
    ) { x, before, parts in
      let (x, product) = (
        x.split(weight.shape[1], axis: 1),
        before.hidden.linear(weight: parts.weight, bias: parts.bias).split(weight.shape[1], axis: 1)
      )
      let (reset, update) = ((x[0] + product[0]).sigmoid(), (x[1] + product[1]).sigmoid())
      let new = (x[2] + reset * product[2]).tanh()
      return (new + update * (before.hidden - new), nil)
    }
  }
}

/// The inputs of a recurrent op other than x.
private struct Parts {
  var weight: Variable
  var bias: Variable?
  var hidden: Variable?
  var cell: Variable?

  var list: [Variable] { [weight, bias, hidden, cell].compactMap { $0 } }

  /// The same with other variables instead, in the list's order.
  func replaced(by others: some Sequence<Variable>) -> Parts {
    var next = others.makeIterator()
    func take(_ old: Variable?) -> Variable? { old == nil ? nil : next.next() }
    return Parts(weight: take(weight) ?? weight, bias: take(bias), hidden: take(hidden), cell: take(cell))
  }

  /// What a rule may save.
  var snapshots: Parts { replaced(by: list.map(\.snapshot)) }
}

/// One step in ops: maps x of the step, the states before it and the weights to the states after it.
private typealias RecurrentStep = (Variable, (hidden: Variable, cell: Variable), Parts) -> (Variable, Variable?)

extension Variable {
  /// The states of all steps [T, N, H]; for an LSTM with one more row, the last cells.
  ///
  /// The rule is a kernel, too; if it is to be differentiated itself, `step` computes the same in ops.
  private func recurrent(
    _ op: Op, _ recurrence: Recurrence, _ parts: Parts, _ step: @escaping RecurrentStep
  ) -> Variable {
    let inputs = Recurrence.Inputs(
      x: tensor, weight: parts.weight.tensor, bias: parts.bias?.tensor, hidden: parts.hidden?.tensor,
      cell: parts.cell?.tensor)
    let trace = recurrence.forward(inputs)
    return record(
      op, [self] + parts.list, trace.states,
      { [x = snapshot, parts = parts.snapshots] dy in
        let found = recurrence.backward(inputs, trace, dy.tensor)
        let values: [Tensor?] =
          [found.x, parts.weight.requiresGrad ? recurrence.weightGradient(inputs, trace, found.product) : nil]
          + (parts.bias == nil ? [] : [found.product.sum(axes: [0, 1])])
          + (parts.hidden == nil ? [] : [found.hidden]) + (parts.cell == nil ? [] : [found.cell])
        if !ThreadState.current.isRecording { return values.map { $0.map { Variable($0) } } }
        return Variable.gradients(
          of: { recurrence.composed($0[0], parts.replaced(by: $0.dropFirst()), step) }, at: [x] + parts.list, dy,
          values: values)
      })
  }

  private func checkRecurrent(
    _ op: Op, gates: Int, _ weight: Variable, _ bias: Variable?, states: KeyValuePairs<String, Variable?>,
    _ mask: Tensor?
  ) {
    requireFloat(op)
    require(
      rank == 3 && shape[0] > 0 && weight.rank == 2 && weight.shape[0] == gates * weight.shape[1]
        && shape[2] == weight.shape[0],
      "\(op.rawValue): wants an input [T, N, \(gates == 1 ? "" : "\(gates)·")H] of at least one step and a weight "
        + "[\(gates == 1 ? "" : "\(gates)·")H, H], got \(shape) and \(weight.shape)")
    let parameters: [(String, Variable?, Shape)] = [
      ("weight", weight, weight.shape), ("bias", bias, [weight.shape[0]]),
    ]
    let given = parameters + states.map { ($0, $1, [shape[1], weight.shape[1]]) }
    for case (let name, let variable?, let wanted) in given {
      require(
        variable.shape == wanted && variable.dtype == dtype,
        "\(op.rawValue): the \(name) must be \(dtype) \(wanted), got \(variable.dtype) \(variable.shape)")
    }
    guard let mask else { return }
    require(
      mask.dtype == .bool && mask.shape == [shape[0], shape[1]],
      "\(op.rawValue): the mask must be bool [\(shape[0]), \(shape[1])], got \(mask.dtype) \(mask.shape)")
  }
}

extension Recurrence {
  /// Σ over steps of dproductᵀ · the state before: all steps but the first are a single product.
  fileprivate func weightGradient(_ inputs: Inputs, _ trace: Trace, _ dProduct: Tensor) -> Tensor {
    let steps = inputs.x.shape[0]
    let (first, follow, before) = isReversed ? (steps - 1, 0, 1) : (0, 1, 0)
    func rows(_ x: Tensor, _ start: Int, _ count: Int) -> Tensor {
      x.sliced(axis: 0, start: start, count: count, step: 1).reshape(Shape(count * x.shape[1], x.shape[2]))
    }
    var sum = rows(dProduct, follow, steps - 1).transpose().matmul(rows(trace.states, before, steps - 1))
    if let hidden = inputs.hidden { sum.add(rows(dProduct, first, 1).transpose().matmul(hidden)) }
    return sum
  }

  /// The same states in ops.
  fileprivate func composed(_ x: Variable, _ parts: Parts, _ step: RecurrentStep) -> Variable {
    let (steps, zeros) = (
      x.shape[0], Variable(Tensor.zeros([x.shape[1], parts.weight.shape[1]], dtype: x.dtype))
    )
    var (hidden, cell) = (parts.hidden ?? zeros, parts.cell ?? zeros)
    var states: [Variable] = []
    for time in isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) {
      let (newHidden, newCell) = step(x[time], (hidden, cell), parts)
      let takesPart = mask?[time].unsqueeze(1)
      func chosen(_ new: Variable, _ old: Variable) -> Variable { takesPart.map { .where($0, new, old) } ?? new }
      (hidden, cell) = (chosen(newHidden, hidden), newCell.map { chosen($0, cell) } ?? cell)
      states.append(hidden)
    }
    if isReversed { states.reverse() }
    return .stack(self.cell == .lstm ? states + [cell] : states)
  }
}
