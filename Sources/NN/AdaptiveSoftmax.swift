/// Softmax over very many classes, sorted from frequent to rare, such as the words of a language: the rare ones share
/// scores first and are told apart by narrower layers. Grave et al. 2017.
///
/// ```swift
/// let softmax = AdaptiveLogSoftmaxWithLoss(512, classes: 50_000, cutoffs: [1_000, 10_000])
/// softmax(features, words).loss.backward()
/// ```
///
/// Classes below cutoffs[0] and one cluster for each further cutoff are scored by `head`; the classes of a cluster by
/// its part of `tail`, of width inputs / divisorⁱ for the i-th, and log p(class) = log p(cluster) + log p(class |
/// cluster). Only the clusters that labels are in are computed. PyTorch's layer of this name.
public final class AdaptiveLogSoftmaxWithLoss: Module {
  /// Scores for the first classes and for the clusters.
  public let head: Linear
  /// For each cluster two layers without bias, from the input to its classes.
  public let tail: ModuleList
  /// Where the clusters begin, and the number of classes.
  public let cutoffs: [Int]

  /// Creates a layer for `inputs` features. The cutoffs rise, from at least 1 to below the number of classes. Stops if
  /// a cluster's width would be below 1.
  public init(
    _ inputs: Int, classes: Int, cutoffs: [Int], divisor: Double = 4, headBias: Bool = false, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    let bounds = cutoffs + [classes]
    require(
      !cutoffs.isEmpty && bounds[0] >= 1 && zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 },
      "AdaptiveLogSoftmaxWithLoss: the cutoffs must rise, from at least 1 to below \(classes) classes, got \(cutoffs)")
    self.cutoffs = bounds
    head = Linear(inputs, cutoffs[0] + cutoffs.count, bias: headBias, dtype: dtype, generator: generator)
    tail = ModuleList()
    var scale = 1.0
    for (start, end) in zip(bounds, bounds.dropFirst()) {
      scale *= divisor
      let width = Double(inputs) / scale
      require(
        width >= 1 && width <= Double(inputs),
        "AdaptiveLogSoftmaxWithLoss: \(inputs) inputs are too few for \(cutoffs.count) clusters, each \(divisor) times "
          + "narrower than the one before")
      let narrow = Linear(inputs, Int(width), bias: false, dtype: dtype, generator: generator)
      tail.append(
        Sequential(narrow, Linear(Int(width), end - start, bias: false, dtype: dtype, generator: generator)))
    }
  }

  /// The logarithm of each label's probability, [N], and the loss, their negated mean.
  ///
  /// `x` [N, inputs] and labels [N] of int64 or int32; or [inputs] and [].
  public func callAsFunction(_ x: Variable, _ labels: Tensor) -> (output: Variable, loss: Variable) {
    atWork(on: x) {
      let rows = rows(x)
      require(
        labels.dtype == .int64 || labels.dtype == .int32,
        "labels must be int64 or int32, got \(labels.dtype); convert with cast(to: .int64)")
      require(
        labels.rank == x.rank - 1 && labels.elementCount == rows.shape[0],
        "wants one label for each row of \(x.shape), got \(labels.shape)")
      let checked = labels.reshape([-1]).cast(to: .int64).contiguous()
      checked.checkLabels("AdaptiveLogSoftmaxWithLoss", classes: cutoffs[cutoffs.count - 1])
      let labels = checked.scalars(as: Int.self)
      let clusters = labels.map { label in cutoffs.count { $0 <= label } }
      let entries = zip(labels, clusters).map { $1 == 0 ? $0 : cutoffs[0] + $1 - 1 }
      var output = Self.picked(entries, of: head(rows))
      for (number, layer) in tail.enumerated() {
        let members = clusters.indices.filter { clusters[$0] == number + 1 }
        if members.isEmpty { continue }
        let within = Self.picked(members.map { labels[$0] - cutoffs[number] }, of: layer(rows[members]))
        output = output.scatterAdd(axis: 0, index: Tensor(members), within)
      }
      return (output.reshape(Array(x.shape.dropLast())), -output.mean())
    }
  }

  /// The logarithms of the probabilities of all classes: [N, classes] of [N, inputs], or [classes] of [inputs].
  public func logProbabilities(_ x: Variable) -> Variable {
    atWork(on: x) {
      let rows = rows(x)
      let head = head(rows).logSoftmax(axis: 1)
      let clusters = tail.enumerated().map { number, layer in
        head[.all, (cutoffs[0] + number)...(cutoffs[0] + number)] + layer(rows).logSoftmax(axis: 1)
      }
      let all = Variable.concatenate([head[.all, ..<cutoffs[0]]] + clusters, axis: 1)
      return x.rank == 1 ? all.squeeze(axes: [0]) : all
    }
  }

  /// The most probable class of each row, as int64: [N] of [N, inputs], or [] of [inputs].
  public func predict(_ x: Variable) -> Tensor { withoutGradient { logProbabilities(x).argmax(axis: -1) } }

  public override var summary: String {
    "AdaptiveLogSoftmaxWithLoss \(head.weight.shape[1]) -> \(cutoffs[cutoffs.count - 1]), cutoffs "
      + cutoffs.dropLast().map { "\($0)" }.joined(separator: ", ")
  }

  private func rows(_ x: Variable) -> Variable {
    require(
      (1...2).contains(x.rank) && x.shape[-1] == head.weight.shape[1],
      "wants [N, \(head.weight.shape[1])] or [\(head.weight.shape[1])], got \(x.shape)")
    return x.rank == 1 ? x.unsqueeze(0) : x
  }

  /// log softmax(scores)[index] of each row.
  private static func picked(_ indices: [Int], of scores: Variable) -> Variable {
    scores.logSoftmax(axis: 1).gather(axis: 1, index: Tensor(indices).unsqueeze(1)).squeeze(axes: [1])
  }
}
