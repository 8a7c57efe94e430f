extension Variable {
  /// What elements beyond an edge are.
  public enum PaddingMode: Sendable, Equatable {
    /// One number.
    case constant(Double)
    /// The elements before the edge in reverse order, without the edge itself; at most one fewer than the axis has.
    case reflect
    /// The element at the edge, repeated.
    case replicate
    /// The elements from the other end; at most as many as the axis has.
    case circular
  }

  /// Elements added around some axes. `padding` has a pair of counts for each axis from the last one backwards: left,
  /// right, top, bottom, … With `.constant` they may be negative, which crops. PyTorch's `pad`.
  ///
  /// dx is the part of dy that came from x; where an element was repeated, the sum. Stops for a padding
  /// that is too long for its axis.
  public func pad(_ padding: [Int], mode: PaddingMode = .constant(0)) -> Variable {
    require(
      padding.count % 2 == 0 && padding.count <= 2 * rank,
      "pad: wants a pair for each of at most \(rank) axes of \(shape), got \(padding)")
    let pairs = (0..<padding.count / 2).map { pair -> (axis: Int, first: Int, last: Int) in
      (rank - 1 - pair, padding[2 * pair], padding[2 * pair + 1])
    }
    if case .constant(let number) = mode {
      var (before, after) = (AxisValues(repeating: 0, count: rank), AxisValues(repeating: 0, count: rank))
      for (axis, first, last) in pairs {
        (before[axis], after[axis]) = (first, last)
        require(
          shape[axis].plus(first).plus(last) >= 0,
          "pad: \(first) and \(last) cut more off axis \(axis) of \(shape) than it has")
      }
      return padded(before, after, number)
    }
    return pairs.reduce(self) { x, pair in
      let (axis, first, last) = pair
      if first == 0, last == 0 { return x }
      return x.indexSelect(axis: axis, mode.positions(first, last, shape[axis], "axis \(axis) of \(shape)"))
    }
  }

  private func padded(_ before: AxisValues, _ after: AxisValues, _ number: Double) -> Variable {
    record(
      .pad, self, tensor.padded(before, after, number),
      { dy in dy.padded(AxisValues(before.map { -$0 }), AxisValues(after.map { -$0 }), 0) })
  }
}

extension Variable.PaddingMode {
  /// Where the elements of a padded axis come from.
  fileprivate func positions(_ first: Int, _ last: Int, _ size: Int, _ what: String) -> [Int] {
    let name = self == .reflect ? "reflect" : self == .replicate ? "replicate" : "circular"
    let most = self == .reflect ? size - 1 : self == .circular ? size : size == 0 ? 0 : Int.max
    require(
      first >= 0 && last >= 0 && first <= most && last <= most,
      "pad: \(name) takes paddings of 0 to \(most == .max ? "any number" : String(Swift.max(most, 0))) for \(what), "
        + "got \(first) and \(last)"
    )
    Memory.requireRoom(forNumbers: size.plus(first).plus(last))
    return (-first..<(size + last)).map { index in
      switch self {
      case .reflect: index < 0 ? -index : index < size ? index : 2 * size - 2 - index
      case .circular: (index + size) % size
      default: Swift.min(Swift.max(index, 0), size - 1)
      }
    }
  }
}
