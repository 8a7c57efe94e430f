extension Variable {
  /// How the rows of a bag are combined.
  public enum BagMode: Sendable, CaseIterable { case sum, mean, max }

  /// Rows of a table by number, combined by bags: this [rows, width] and indices [bags, n] give [bags, width].
  ///
  /// With `offsets`, `indices` is a vector, and bag b begins at offsets[b]. The row `paddingIndex` (from the end if
  /// negative) is left out. `weights`, of the indices' shape, multiply the rows before they are summed. An empty bag
  /// gives 0. Of equal maxima the first gets the gradient. Stops for an index out of range, naming it, and for offsets
  /// that are not in order. PyTorch's `embedding_bag`.
  public func embeddingBag(
    _ indices: Tensor, offsets: [Int]? = nil, mode: BagMode = .mean, paddingIndex: Int? = nil, weights: Variable? = nil
  ) -> Variable {
    require(rank == 2, "embeddingBag: the table must be [rows, width], got \(shape)")
    require(
      indices.dtype == .int64 || indices.dtype == .int32,
      "embeddingBag: indices must be int64 or int32, got \(indices.dtype) \(indices.shape); "
        + "convert with cast(to: .int64)"
    )
    if let weights {
      require(mode == .sum, "embeddingBag: weights go with the mode .sum, got .\(mode)")
      require(
        weights.shape == indices.shape, "embeddingBag: wants weights \(indices.shape), got \(weights.shape)")
      if dtype != weights.dtype { stopForTypes("embeddingBag", tensor, weights.tensor) }
    }
    let bags = Bags(indices, offsets)
    let plan = bags.without(padding(paddingIndex), rows: shape[0])
    let rows = indexSelect(axis: 0, plan.rows)
    if mode == .max { return rows.largest(of: plan) }
    let flat = weights?.reshape([indices.elementCount] as Shape)
    let shares = plan.positions.count == indices.elementCount ? flat : flat?.indexSelect(axis: 0, plan.positions)
    let weighted = shares.map { rows * $0.unsqueeze(-1) } ?? rows
    let sums = weighted.summed(by: plan)
    if mode == .sum { return sums }
    let counts = Tensor(plan.counts.map { Double(Swift.max($0, 1)) }, shape: [plan.counts.count, 1])
    return sums / Variable(counts.cast(to: dtype))
  }

  private func padding(_ index: Int?) -> Int? {
    index.map { index in
      require(
        index >= -shape[0] && index < shape[0],
        "embeddingBag: padding index \(index) is out of range for a table of \(shape[0]) rows")
      return index < 0 ? index + shape[0] : index
    }
  }

  /// The sums of these rows by bags.
  private func summed(by plan: Bags) -> Variable {
    let (bags, width) = (plan.counts.count, shape[1])
    if let size = plan.counts.first, size > 0, plan.counts.allSatisfy({ $0 == size }) {
      return reshape([bags, size, width] as Shape).sum(axes: [1])
    }
    let numbers = plan.counts.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
    return indexAdd([bags, width], axis: 0, numbers)
  }

  /// The largest of these rows in each column by bags, which are made as long as the longest by −∞.
  private func largest(of plan: Bags) -> Variable {
    let (bags, width, longest) = (plan.counts.count, shape[1], plan.counts.max() ?? 0)
    if longest == 0 { return Variable(Tensor.zeros([bags, width], dtype: dtype)) }
    var (start, positions, isPadding) = (0, [Int](), [Bool]())
    for count in plan.counts {
      positions += (0..<longest).map { $0 < count ? start + $0 : 0 }
      isPadding += (0..<longest).map { $0 >= count }
      start += count
    }
    let padded = indexSelect(axis: 0, positions).reshape([bags, longest, width] as Shape)
    let values = padded.maskedFill(Tensor(isPadding, shape: [bags, longest, 1]), -.infinity).max(axis: 1).values
    return values.maskedFill(Tensor(plan.counts.map { $0 == 0 }, shape: [bags, 1]), 0)
  }
}

/// Which rows are in which bag.
private struct Bags {
  /// The rows of all bags, one after the other.
  private(set) var rows: [Int]
  /// Where among the indices they are named.
  private(set) var positions: [Int]
  /// How many are in each bag.
  private(set) var counts: [Int]

  init(_ indices: Tensor, _ offsets: [Int]?) {
    rows = indices.scalars(as: Int.self)
    positions = Array(rows.indices)
    guard let offsets else {
      require(
        indices.rank == 2, "embeddingBag: wants indices [bags, n], or a vector with offsets, got \(indices.shape)")
      counts = Array(repeating: indices.shape[1], count: indices.shape[0])
      return
    }
    require(indices.rank == 1, "embeddingBag: with offsets the indices are a vector, got \(indices.shape)")
    require(
      (offsets.first ?? 0) == 0 && zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
        && (offsets.last ?? 0) <= rows.count,
      "embeddingBag: offsets begin with 0 and rise to at most \(rows.count), the number of indices, got \(offsets)")
    counts = zip(offsets, offsets.dropFirst() + [rows.count]).map { $1 - $0 }
  }

  /// Without the row that only fills up; checks that all are there.
  func without(_ padding: Int?, rows count: Int) -> Bags {
    for (position, row) in rows.enumerated() where row < 0 || row >= count {
      stop("embeddingBag: index \(row) (number \(position)) is out of range for a table of \(count) rows")
    }
    guard let padding, rows.contains(padding) else { return self }
    var (result, start) = (self, 0)
    result.counts = counts.map { count in
      defer { start += count }
      return rows[start..<(start + count)].count { $0 != padding }
    }
    result.positions = positions.filter { rows[$0] != padding }
    result.rows = rows.filter { $0 != padding }
    return result
  }
}
