// Ops with several outputs whose gradients are computed together. An entry of the tape has one output, so one entry
// stands for all of them, as if they were concatenated, and each output is a part of it.

/// How an op with several outputs is recorded.
struct JointRecord {
  let op: Op
  let name: OpName
  /// Maps the gradients of the outputs of a float type, 0 where none arrived, to those of the inputs. `outputs` gives
  /// access to the outputs as variables, which the rule must not hold.
  let rule: (_ gradients: [Variable], _ outputs: Outputs) -> [Variable?]

  /// Records values; those of integers require no gradient.
  func callAsFunction(_ values: [Tensor], from inputs: [TapeEntry?]) -> [Variable] {
    let layout = OutputLayout(values)
    let state = ThreadState.current
    guard state.isRecording, layout.areReached, inputs.contains(where: { $0 != nil }) else {
      return values.map { Variable($0, entry: nil) }
    }
    let outputs = Outputs(layout)
    let entry = TapeEntry(
      op, Tensor.zeros([]).expand(layout.whole), inputs: inputs,
      .joint { [rule] dy in rule(outputs.layout.parts(of: dy), outputs) }, state)
    entry.node.pointee.name = name
    outputs.whole = entry
    defer { entry.release() }
    return outputs.variables(values)
  }
}

/// An entry's outputs, for its own rule. Does not retain the entry, which lives while its rule runs.
final class Outputs {
  let layout: OutputLayout
  fileprivate(set) var whole: TapeEntry?

  fileprivate init(_ layout: OutputLayout) { self.layout = layout }

  /// The outputs as variables with their entries on the tape, if they are of a float type.
  func variables(_ values: [Tensor]) -> [Variable] {
    let state = ThreadState.current
    guard let whole, state.isRecording else { return values.map { Variable($0, entry: nil) } }
    return zip(values, layout.starts).map { value, start in
      guard let start else { return Variable(value, entry: nil) }
      if !layout.isDivided { return Variable(value, entry: whole.retained()) }
      let (count, total) = (value.elementCount, layout.whole[0])
      let entry = TapeEntry(
        .part, value, whole.retained(), nil, nil,
        .unary { dy in dy.reshape([count] as Shape).pad([start, total - start - count]) }, state)
      return Variable(value, entry: entry)
    }
  }
}

/// Where outputs are in their entry's gradient.
struct OutputLayout {
  /// The shape of the entry's gradient: that of a single output, or all elements of several concatenated.
  let whole: Shape
  /// Where each output starts; `nil` for those that no gradient reaches.
  let starts: [Int?]
  /// Whether gradients reach several outputs, so that each is a part of the whole.
  let isDivided: Bool
  /// Whether gradients reach any.
  let areReached: Bool
  private let shapes: [Shape]

  init(_ values: [Tensor]) {
    var total = 0
    starts = values.map { value in
      guard value.dtype.isFloatingPoint else { return nil }
      defer { total += value.elementCount }
      return total
    }
    let floats = values.filter { $0.dtype.isFloatingPoint }
    shapes = floats.map(\.shape)
    isDivided = floats.count > 1
    areReached = !floats.isEmpty
    whole = isDivided ? [total] : shapes.first ?? []
  }

  /// The gradients of the outputs.
  func parts(of dy: Variable) -> [Variable] {
    if !isDivided { return [dy] }
    return zip(shapes, starts.compactMap { $0 }).map { shape, start in
      dy[start..<(start + shape.elementCount)].reshape(shape)
    }
  }
}
