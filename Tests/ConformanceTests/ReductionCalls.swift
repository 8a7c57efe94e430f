import NN

/// Reductions, scans, sorting.
func reductionCall(_ a: Arguments) throws -> [Variable]? {
  let keep = { a.bool("keepdim") }
  let axes = { a.optionalInts("dim") }
  switch a.op {
  case "sum": return [a.input.sum(axes: axes(), keepDims: keep())]
  case "mean": return [a.input.mean(axes: axes(), keepDims: keep())]
  case "amax": return [a.input.max(axes: axes(), keepDims: keep())]
  case "amin": return [a.input.min(axes: axes(), keepDims: keep())]
  case "prod": return [a.input.prod(axes: axes(), keepDims: keep())]
  case "logsumexp": return [a.input.logSumExp(axes: axes(), keepDims: keep())]
  case "var":
    return [a.input.variance(axes: axes(), correction: a.double("correction", default: 1), keepDims: keep())]
  case "std":
    return [a.input.standardDeviation(axes: axes(), correction: a.double("correction", default: 1), keepDims: keep())]
  case "norm": return [a.input.norm(a.double("p"), axes: axes(), keepDims: keep())]
  case "argmax": return [Variable(a.input.argmax(axis: a.optionalInt("dim"), keepDims: keep()))]
  case "argmin": return [Variable(a.input.argmin(axis: a.optionalInt("dim"), keepDims: keep()))]
  case "max": return both(a.input.max(axis: a.int("dim"), keepDims: keep()))
  case "min": return both(a.input.min(axis: a.int("dim"), keepDims: keep()))
  case "cumsum": return [a.input.cumsum(axis: a.int("dim"))]
  case "cumprod": return [a.input.cumprod(axis: a.int("dim"))]
  case "sort": return both(a.input.sort(axis: a.int("dim", default: -1), descending: a.bool("descending")))
  case "topk":
    return both(a.input.topK(a.int("k"), axis: a.int("dim", default: -1), largest: a.bool("largest", default: true)))
  case "one_hot":
    let classes = a.int("num_classes", default: -1)
    return [Variable(Tensor.oneHot(a.tensor("input"), classes: classes < 0 ? nil : classes))]
  default: return nil
  }
}

private func both(_ picked: Variable.Picked) -> [Variable] { [picked.values, Variable(picked.indices)] }
