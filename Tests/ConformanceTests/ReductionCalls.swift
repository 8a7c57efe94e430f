import NN

/// Reductions, scans, sorting.
func reductionCall(_ a: Arguments) throws -> [Variable]? {
  if let outputs = wholeNumbersCall(a) ?? reduction(a) { return outputs }
  switch a.op {
  case "argmax": return along(a) { [Variable($0.argmax(axis: $1, keepDims: $2))] }
  case "argmin": return along(a) { [Variable($0.argmin(axis: $1, keepDims: $2))] }
  case "max": return along(a) { both($0.max(axis: $1 ?? -1, keepDims: $2)) }
  case "min": return along(a) { both($0.min(axis: $1 ?? -1, keepDims: $2)) }
  case "cumsum": return along(a) { x, axis, _ in [x.cumsum(axis: axis ?? -1)] }
  case "cumprod": return along(a) { x, axis, _ in [x.cumprod(axis: axis ?? -1)] }
  case "sort":
    let descending = a.bool("descending")
    return along(a) { x, axis, _ in both(x.sort(axis: axis ?? -1, descending: descending)) }
  case "topk":
    let (k, largest) = (a.int("k"), a.bool("largest", default: true))
    return along(a) { x, axis, _ in both(x.topK(k, axis: axis ?? -1, largest: largest)) }
  case "one_hot":
    let classes = a.int("num_classes", default: -1)
    return [Variable(Tensor.oneHot(a.tensor("input"), classes: classes < 0 ? nil : classes))]
  default: return nil
  }
}

/// Reductions over one or more axes.
private func reduction(_ a: Arguments) -> [Variable]? {
  let keep = { a.bool("keepdim") }
  let axes = { a.axes }
  let correction = { a.double("correction", default: 1) }
  switch a.op {
  case "sum": return [a.input.sum(axes: axes(), keepDims: keep())]
  case "mean": return [a.input.mean(axes: axes(), keepDims: keep())]
  case "amax": return [a.input.max(axes: axes(), keepDims: keep())]
  case "amin": return [a.input.min(axes: axes(), keepDims: keep())]
  case "prod": return [a.input.prod(axes: axes(), keepDims: keep())]
  case "logsumexp": return [a.input.logSumExp(axes: axes(), keepDims: keep())]
  case "var": return [a.input.variance(axes: axes(), correction: correction(), keepDims: keep())]
  case "std": return [a.input.standardDeviation(axes: axes(), correction: correction(), keepDims: keep())]
  case "norm": return [a.input.norm(a.double("p", default: 2), axes: axes(), keepDims: keep())]
  default: return nil
  }
}

/// Reductions of integers, which only tensors have, as they are not differentiable.
private func wholeNumbersCall(_ a: Arguments) -> [Variable]? {
  guard ["sum", "amax", "amin"].contains(a.op), !a.input.dtype.isFloatingPoint else { return nil }
  let (x, axes, keep) = (a.input.value, a.axes, a.bool("keepdim"))
  switch a.op {
  case "sum": return [Variable(x.sum(axes: axes, keepDims: keep))]
  case "amax": return [Variable(x.max(axes: axes, keepDims: keep))]
  default: return [Variable(x.min(axes: axes, keepDims: keep))]
  }
}

extension Arguments {
  /// The axes that `dim` names. PyTorch takes an empty list for all axes, and lets a scalar have the axis 0 or −1.
  var axes: [Int]? {
    guard let axes = optionalInts("dim"), !axes.isEmpty else { return nil }
    return input.rank == 0 ? nil : axes
  }
}

/// The result of `call` along the axis that `dim` names, if it names one.
private func along(_ a: Arguments, _ call: (Variable, Int?, Bool) -> [Variable]) -> [Variable] {
  let (axis, keep) = (a.optionalInt("dim"), a.bool("keepdim"))
  if a.input.rank > 0 || axis == nil { return call(a.input, axis, keep) }
  return call(a.input.reshape([1]), axis, keep).map { $0.reshape([]) }
}

private func both(_ picked: Variable.Picked) -> [Variable] { [picked.values, Variable(picked.indices)] }
