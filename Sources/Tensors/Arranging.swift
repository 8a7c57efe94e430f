// The same elements in other arrangements, and several of them together.

extension TensorLike {
  /// The whole tensor repeated along its last axes: `repeats` has a count for each of them, and for new ones
  /// in front. PyTorch's `tile`.
  public func tile(_ repeats: [Int]) -> Self {
    repeated(Array(repeating: 1, count: Swift.max(0, rank - repeats.count)) + repeats)
  }

  /// An axis moved to another position; the others keep their order. PyTorch's `movedim`.
  public func moveAxis(_ axis: Int, to position: Int) -> Self {
    let (from, to) = (shape.checkedAxis(axis, op: "moveAxis"), shape.checkedAxis(position, op: "moveAxis"))
    var order = Array(0..<rank)
    order.insert(order.remove(at: from), at: to)
    return permute(order)
  }

  /// An axis divided into several, of which one size may be −1 and is inferred. Stops unless the sizes multiply to that
  /// of the axis. PyTorch's `unflatten`.
  public func unflatten(axis: Int, _ sizes: [Int]) -> Self {
    let along = shape.checkedAxis(axis, op: "unflatten"), count = shape[along]
    let known = sizes.filter { $0 != -1 }.product, unknowns = sizes.count { $0 == -1 }
    let inferred = unknowns == 1 && known > 0 ? count / known : 0
    require(
      sizes.allSatisfy { $0 >= -1 } && unknowns <= 1 && known.times(unknowns == 1 ? inferred : 1) == count,
      "unflatten: axis \(axis) of \(shape) cannot be divided into \(sizes)")
    return reshape(Shape(shape.prefix(along) + sizes.map { $0 == -1 ? inferred : $0 } + shape.dropFirst(along + 1)))
  }

  /// The parts at each position of an axis, which they do not have. Views. PyTorch's `unbind`.
  public func unbind(axis: Int = 0) -> [Self] {
    (0..<shape[shape.checkedAxis(axis, op: "unbind")]).map { select(axis: axis, $0) }
  }

  /// The plane of two axes turned by 90°, `times` times, from the first axis towards the second. PyTorch's `rot90`.
  public func rot90(_ times: Int = 1, axes: (Int, Int) = (0, 1)) -> Self {
    let (a, b) = (shape.checkedAxis(axes.0, op: "rot90"), shape.checkedAxis(axes.1, op: "rot90"))
    require(a != b, "rot90: wants two axes, got \(axes.0) twice in \(shape)")
    switch (times % 4 + 4) % 4 {
    case 1: return flip(axes: [b]).transpose(a, b)
    case 2: return flip(axes: [a, b])
    case 3: return transpose(a, b).flip(axes: [b])
    default: return self
    }
  }

  /// Elements by their numbers in row-major order: an int64 or int32 `index` of any shape gives a result of that shape.
  ///
  /// Negative numbers count from the end. Stops for one out of range, naming it. PyTorch's `take`.
  public func take(_ index: Tensor) -> Self {
    let numbers = index.reshape([index.elementCount] as Shape), count = shape.elementCount
    require(
      index.dtype == .int64 || index.dtype == .int32,
      "take: the index must be int64 or int32, got \(index.dtype) \(index.shape); convert with cast(to: .int64)")
    var positions = numbers.cast(to: .int64)
    if positions.elementCount > 0 {
      let (lowest, highest) = (Int(positions.min().item()), Int(positions.max().item()))
      if lowest < -count || highest >= count {
        let number = lowest < -count ? lowest : highest
        let entry = positions.scalars(as: Int.self).firstIndex(of: number) ?? 0
        stop("take: position \(number) (entry \(entry) of the index) is out of range for \(count) elements")
      }
      if lowest < 0 { positions = .where(positions .< 0, positions + Double(count), positions) }
    }
    return reshape([count] as Shape).gather(axis: 0, index: positions).reshape(index.shape)
  }

  /// Windows of `size` elements of an axis, which start `step` apart, on a new last axis: [..., n, ...] gives
  /// [..., (n − size) / step + 1, ..., size]. What lies in several windows gets all their gradients.
  /// PyTorch's `Tensor.unfold`.
  public func unfold(axis: Int, size: Int, step: Int) -> Self {
    if rank == 0 { return unsqueeze(0).unfold(axis: axis, size: size, step: step).select(axis: 0, 0) }
    let along = shape.checkedAxis(axis, op: "unfold")
    require(
      size >= 0 && size <= shape[along],
      "unfold: a window of \(size) does not fit axis \(axis) of \(shape), which has \(shape[along]) elements")
    require(step > 0, "unfold: the step must be positive, got \(step)")
    let count = (shape[along] - size) / step + 1
    let positions = (0..<count).flatMap { ($0 * step)..<($0 * step + size) }
    let (before, behind) = (Array(shape.prefix(along)), Array(shape.dropFirst(along + 1)))
    let windows = indexSelect(axis: along, positions).reshape(Shape(before + [count, size] + behind))
    return windows.permute((0...rank).filter { $0 != along + 1 } + [along + 1])
  }

  /// All choices of `count` elements of a vector, in order: [choices, count]. PyTorch's `combinations`.
  public func combinations(_ count: Int = 2, withReplacement: Bool = false) -> Self {
    require(rank == 1 && count >= 1, "combinations: wants a vector and a count from 1 on, got \(shape) and \(count)")
    var choices: [[Int]] = [[]]
    for _ in 0..<count {
      choices = choices.flatMap { choice in
        let first = choice.last.map { withReplacement ? $0 : $0 + 1 } ?? 0
        return (first..<Swift.max(first, shape[0])).map { choice + [$0] }
      }
    }
    return indexSelect(axis: 0, choices.flatMap { $0 }).reshape([choices.count, count] as Shape)
  }

  /// A whole slice of `source` for each position of an axis, taken in as `scatterReduce` does single elements:
  /// `x.indexReduce(axis: 0, rows, values, .max)`. PyTorch's `index_reduce`.
  public func indexReduce(
    axis: Int, _ positions: [Int], _ source: Self, _ reduction: ScatterReduction, includesSelf: Bool = true
  ) -> Self {
    let along = shape.checkedAxis(axis, op: "indexReduce")
    let slices = shape.replacing(axis: along, with: positions.count)
    require(source.shape == slices, "indexReduce: wants a source \(slices), got \(source.shape)")
    let index = Tensor(positions.map { $0 < 0 ? $0 + shape[along] : $0 })
    let column = Shape((0..<rank).map { $0 == along ? positions.count : 1 })
    return scatterReduce(
      axis: along, index: index.reshape(column).expand(slices), source, reduction, includesSelf: includesSelf)
  }
}
