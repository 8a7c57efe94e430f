extension Variable {
  /// −log softmax(scores)[label] for each row, in one pass: scores [N, C], labels [N] of int64 or int32; returns [N].
  ///
  /// dx = (softmax − [label]) · dy. Fused because the composition (logSoftmax, gather) reads and writes the scores
  /// three times. Stops for a label outside 0..<C, naming it and its row.
  public func crossEntropy(_ labels: Tensor) -> Variable {
    requireFloat(.crossEntropy)
    require(rank == 2, "crossEntropy: the scores must be [N, classes], got \(shape)")
    require(
      labels.shape == [shape[0]],
      "crossEntropy: the labels must be [\(shape[0])], one for each row of the scores \(shape), got \(labels.shape)")
    require(
      labels.dtype == .int64 || labels.dtype == .int32,
      "crossEntropy: labels must be int64 or int32, got \(labels.dtype); convert with cast(to: .int64)")
    let labels = labels.cast(to: .int64).contiguous()
    labels.checkLabels("crossEntropy", classes: shape[1])
    return crossEntropy(checked: labels)
  }

  /// The same for labels that are known to be dense int64, one for each row, and in range.
  package func crossEntropy(checked labels: Tensor) -> Variable {
    let (losses, logSums) = tensor.crossEntropy(labels)
    return record(
      .crossEntropy, self, losses,
      { [x = snapshot] dy in dy.crossEntropyBackward(x, labels, logSums) })
  }

  /// (softmax(x) − [label]) · dy for each row, in one pass.
  private func crossEntropyBackward(_ x: Variable, _ labels: Tensor, _ logSums: Tensor) -> Variable {
    record(
      .crossEntropyBackward, self, x, x.tensor.crossEntropyBackward(labels, logSums, tensor),
      { [x = x.snapshot] g in
        // The adjoint in dy: each row's Σ g · (softmax − [label]).
        let picked = g.gather(axis: 1, index: labels.unsqueeze(1)).squeeze(axes: [1])
        return (g * x.softmax(axis: 1)).sum(axes: [1]) - picked
      },
      { [dy = snapshot, x = x.snapshot] g in
        let p = x.softmax(axis: 1)
        let centred = g - (g * p).sum(axes: [1], keepDims: true)
        return dy.unsqueeze(1) * p * centred
      })
  }
}
