import Kernels

/// A recurrent cell applied to all steps of a sequence at once; `ag_recurrent.h` defines the cells.
package struct Recurrence: Sendable {
  package enum Cell: Sendable { case tanh, relu, lstm, gru }

  package let cell: Cell
  package let isReversed: Bool
  /// bool [steps, batch]: where it is false, a row's state stays as it is.
  package let mask: Tensor?

  package init(_ cell: Cell, isReversed: Bool, mask: Tensor?) {
    self.cell = cell
    self.isReversed = isReversed
    self.mask = mask?.contiguous()
  }

  /// The inputs: x [steps, batch, gates · hidden], the product of the input with its weights; `weight`
  /// [gates · hidden, hidden]; for a GRU `bias` [3 · hidden]; `hidden` and `cell` [batch, hidden] before the
  /// first step, zeros if absent.
  package struct Inputs: Sendable {
    package let x, weight: Tensor
    package let bias, hidden, cell: Tensor?

    package init(x: Tensor, weight: Tensor, bias: Tensor?, hidden: Tensor?, cell: Tensor?) {
      self.x = x.contiguous()
      self.weight = weight.contiguous()
      self.bias = bias?.contiguous()
      self.hidden = hidden?.contiguous()
      self.cell = cell?.contiguous()
    }
  }

  /// The results: `states` [steps, batch, hidden], for an LSTM with one more row, the last cells; and
  /// what the backward pass needs.
  package struct Trace: Sendable {
    package let states: Tensor
    fileprivate let cells, kept: Tensor?
  }

  /// Gradients of x, of the product of states and weights, and of `hidden` and `cell`.
  package typealias Gradients = (x: Tensor, product: Tensor, hidden: Tensor, cell: Tensor?)

  package func forward(_ inputs: Inputs) -> Trace {
    let (steps, batch, units) = (inputs.x.shape[0], inputs.x.shape[1], inputs.weight.shape[1])
    func make(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape, dtype: inputs.x.dtype) }
    let states = make([cell == .lstm ? steps + 1 : steps, batch, units])
    let cells = cell == .lstm ? make([steps, batch, units]) : nil
    let kept = cell == .lstm || cell == .gru ? make([steps, batch, Int(AG_KEPT_GATES) * units]) : nil
    withDescription(inputs) { of in
      ag_recurrent(of, inputs.x.raw, states.raw, cells?.raw, kept?.raw)
    }
    if let cells {
      let last = cells.sliced(axis: 0, start: isReversed ? 0 : steps - 1, count: 1, step: 1)
      last.withPointer {
        states.raw.advanced(by: steps * last.byteCount).copyMemory(from: $0, byteCount: last.byteCount)
      }
    }
    return Trace(states: states, cells: cells, kept: kept)
  }

  /// From the gradient of `states`.
  package func backward(_ inputs: Inputs, _ trace: Trace, _ dStates: Tensor) -> Gradients {
    let steps = inputs.x.shape[0]
    let dStates = dStates.contiguous()
    func make(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape, dtype: inputs.x.dtype) }
    let state: Shape = [inputs.x.shape[1], inputs.weight.shape[1]]
    let (dx, dHidden) = (make(inputs.x.shape), make(state))
    let dProduct = cell == .gru ? make(inputs.x.shape) : nil
    let dCell = cell == .lstm ? make(state) : nil
    withDescription(inputs) { of in
      withExtendedLifetime((trace, dStates)) {
        ag_recurrent_backward(
          of, trace.states.raw, trace.cells?.raw, trace.kept?.raw, dStates.raw,
          dCell.map { UnsafeRawPointer(dStates.raw.advanced(by: steps * $0.byteCount)) }, dx.raw, dProduct?.raw,
          dHidden.raw, dCell?.raw)
      }
    }
    return (dx, dProduct ?? dx, dHidden, dCell)
  }

  private func withDescription(_ inputs: Inputs, _ body: (UnsafePointer<ag_recurrence>) -> Void) {
    var of = ag_recurrence()
    of.type = inputs.x.dtype.kernel
    of.cell =
      switch cell {
      case .tanh: AG_RNN_TANH
      case .relu: AG_RNN_RELU
      case .lstm: AG_LSTM
      case .gru: AG_GRU
      }
    of.reversed = isReversed
    (of.steps, of.batch, of.hidden) = (inputs.x.shape[0], inputs.x.shape[1], inputs.weight.shape[1])
    of.weight = UnsafeRawPointer(inputs.weight.raw)
    of.bias = inputs.bias.map { UnsafeRawPointer($0.raw) }
    of.mask = mask.map { UnsafePointer($0.raw.assumingMemoryBound(to: UInt8.self)) }
    of.h0 = inputs.hidden.map { UnsafeRawPointer($0.raw) }
    of.c0 = inputs.cell.map { UnsafeRawPointer($0.raw) }
    withExtendedLifetime((inputs, mask)) { withUnsafePointer(to: of, body) }
  }
}

extension Tensor {
  fileprivate var byteCount: Int { elementCount * dtype.byteCount }
}
