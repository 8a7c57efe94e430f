/// Connectionist temporal classification: −log of the probability of all alignments that spell the target.
///
/// `logProbabilities` [T, N, C] (or [T, C] for one example), from `logSoftmax`; `targets` [N, S], padded with anything,
/// or all of them concatenated in a vector; `inputLengths` and `targetLengths` N numbers each. An alignment names a
/// class, or `blank`, at each time; it spells the target when repeats and then blanks are dropped. An example without a
/// possible alignment has an infinite loss, or 0 with `zeroInfinity`, and no gradient either way. The mean divides each
/// loss by its target's length first. Graves et al. 2006, by the forward recursion; PyTorch's `ctc_loss`.
public func ctcLoss(
  _ logProbabilities: Variable, targets: Tensor, inputLengths: [Int], targetLengths: [Int], blank: Int = 0,
  zeroInfinity: Bool = false, reduction: Reduction = .mean
) -> Variable {
  if logProbabilities.rank == 2 {
    let losses = ctcLoss(
      logProbabilities.unsqueeze(1), targets: targets, inputLengths: inputLengths, targetLengths: targetLengths,
      blank: blank, zeroInfinity: zeroInfinity, reduction: reduction)
    return losses.squeeze()
  }
  let x = logProbabilities
  require(x.rank == 3 && x.shape[0] > 0, "ctcLoss: wants log-probabilities [T, N, C], got \(x.shape)")
  let lattice = Lattice(x.shape, targets, inputLengths, targetLengths, blank)
  let emissions = x.gather(axis: 2, index: lattice.labels.expand([x.shape[0], x.shape[1], lattice.width]))
  // scores[n, s]: the logarithm of the probability of all alignments so far that have
  // reached position s of the lattice.
  var scores = emissions.select(axis: 0, 0).maskedFill(lattice.isNoStart, impossible)
  for time in 1..<max(1, x.shape[0]) {
    let padded = scores.pad([2, 0], mode: .constant(impossible))
    let steps = padded.slice(axis: 1, from: 1, to: lattice.width + 1)
    let skips = padded.slice(axis: 1, from: 0, to: lattice.width).maskedFill(lattice.isNoSkip, impossible)
    let next = Variable.stack([scores, steps, skips]).logSumExp(axes: [0]) + emissions.select(axis: 0, time)
    let isOver = Tensor(inputLengths.map { time >= $0 }).unsqueeze(1)
    scores = .where(isOver, scores, next)
  }
  // A complete alignment ends with the last symbol or with the blank after it.
  let ends = scores.gather(axis: 1, index: lattice.ends).maskedFill(lattice.isNoEnd, impossible)
  var losses = -ends.logSumExp(axes: [1])
  let isImpossible = losses .> -0.1 * impossible
  losses = losses.maskedFill(isImpossible, zeroInfinity ? 0 : .infinity)
  guard case .mean = reduction else { return reduction(losses) }
  return (losses / Variable(Tensor(targetLengths.map { Double(max($0, 1)) }).cast(to: x.dtype))).mean()
}

/// Stands for the logarithm of probability 0: low enough to vanish in any sum, but finite, so
/// that differences are not NaN.
private let impossible = -1e30

/// The target of each example with blanks between, before and after its symbols: the positions
/// that alignments move through.
private struct Lattice {
  /// Symbols and blanks of the longest target.
  let width: Int
  /// [N, width], classes.
  let labels: Tensor
  /// [1, width], positions where no alignment starts.
  let isNoStart: Tensor
  /// [N, width], positions that cannot be reached by skipping the blank before them: blanks, and repeats of a symbol.
  let isNoSkip: Tensor
  /// [N, 2], the last two positions of each target.
  let ends: Tensor
  /// [N, 2], which of these do not exist because the target is empty.
  let isNoEnd: Tensor

  init(_ shape: Shape, _ targets: Tensor, _ inputLengths: [Int], _ targetLengths: [Int], _ blank: Int) {
    let (times, count, classes) = (shape[0], shape[1], shape[2])
    require(blank >= 0 && blank < classes, "ctcLoss: blank \(blank) is out of range for \(classes) classes")
    require(
      inputLengths.count == count && targetLengths.count == count,
      "ctcLoss: wants \(count) lengths of inputs and targets, got \(inputLengths.count) and \(targetLengths.count)")
    require(
      inputLengths.allSatisfy { $0 >= 1 && $0 <= times },
      "ctcLoss: input lengths lie between 1 and \(times), got \(inputLengths)")
    let symbols = Self.split(targets, targetLengths, classes)
    let width = 2 * (targetLengths.max() ?? 0) + 1
    var (labels, noSkip) = ([Int](), [Bool]())
    for symbols in symbols {
      let padded = (0..<width).map { position -> Int in
        position % 2 == 1 && position / 2 < symbols.count ? symbols[position / 2] : blank
      }
      labels += padded
      noSkip += padded.indices.map { position -> Bool in
        position < 2 || padded[position] == blank || padded[position] == padded[position - 2]
      }
    }
    self.width = width
    self.labels = Tensor(labels, shape: [count, width])
    isNoSkip = Tensor(noSkip, shape: [count, width])
    isNoStart = Tensor((0..<width).map { $0 > 1 }, shape: [1, width])
    ends = Tensor(targetLengths.flatMap { [2 * $0, max(2 * $0 - 1, 0)] }, shape: [count, 2])
    isNoEnd = Tensor(targetLengths.flatMap { [false, $0 == 0] }, shape: [count, 2])
  }

  /// The symbols of each target, checked.
  private static func split(_ targets: Tensor, _ lengths: [Int], _ classes: Int) -> [[Int]] {
    let total = lengths.reduce(0) { $0.plus($1) }
    let isPadded = targets.rank == 2 && targets.shape[0] == lengths.count
    require(
      lengths.allSatisfy { $0 >= 0 && (!isPadded || $0 <= targets.shape[1]) }
        && (isPadded || Array(targets.shape) == [total]),
      "ctcLoss: targets of lengths \(lengths) must be [\(lengths.count), S] or [\(total)], got \(targets.shape)")
    let values = targets.scalars(as: Int.self)
    var start = 0
    return lengths.indices.map { example in
      if isPadded { start = example * targets.shape[1] }
      defer { start += lengths[example] }
      let symbols = Array(values[start..<(start + lengths[example])])
      for symbol in symbols where symbol < 0 || symbol >= classes {
        stop("ctcLoss: label \(symbol) of target \(example) is out of range for \(classes) classes")
      }
      return symbols
    }
  }
}
