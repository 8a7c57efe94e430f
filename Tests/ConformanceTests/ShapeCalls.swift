import NN

/// Shapes and indexing.
func shapeCall(_ a: Arguments) throws -> [Variable]? { try moved(a) ?? chosen(a) }

/// Ops that reshape, permute or copy.
private func moved(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "transpose":
    let (first, second) = (a.int("dim0"), a.int("dim1"))
    return [a.input.rank == 0 ? a.input : a.input.transpose(first, second)]
  case "permute": return [a.input.permute(a.ints("dims"))]
  case "reshape": return [a.input.reshape(a.ints("shape"))]
  case "flatten":
    return [a.input.flatten(startAxis: a.int("start_dim", default: 0), endAxis: a.int("end_dim", default: -1))]
  case "squeeze": return [a.input.squeeze(axes: a.axes)]
  case "unsqueeze": return [a.input.unsqueeze(a.int("dim"))]
  case "expand": return [a.input.expand(a.ints("size"))]
  case "flip": return [a.input.flip(axes: a.ints("dims"))]
  case "roll": return [a.input.roll(a.ints("shifts"), axes: a.optionalInts("dims"))]
  case "cat": return [Variable.concatenate(a.list("tensors") ?? [], axis: a.int("dim", default: 0))]
  case "stack": return [Variable.stack(a.list("tensors") ?? [], axis: a.int("dim", default: 0))]
  case "repeat": return [a.input.repeated(a.ints("repeats"))]
  case "repeat_interleave":
    let axis = a.optionalInt("dim")
    if let count = a.optionalInt("repeats") { return [a.input.repeatInterleaved(count, axis: axis)] }
    let counts = a.tensor("repeats").scalars(as: Int.self)
    if counts.count == 1 { return [a.input.repeatInterleaved(counts[0], axis: axis)] }
    return [a.input.repeatInterleaved(counts, axis: axis)]
  case "pad":
    let mode: Variable.PaddingMode =
      switch a.string("mode", default: "constant") {
      case "constant": .constant(a.double("value", default: 0))
      case "reflect": .reflect
      case "replicate": .replicate
      case "circular": .circular
      case let mode: throw Complaint("padding mode \(mode) is not known")
      }
    return [a.input.pad(a.ints("pad"), mode: mode)]
  default: return nil
  }
}

/// A scalar becomes a vector of size 1; PyTorch accepts an axis for it.
private func withAxes(_ x: Variable) -> Variable { x.rank == 0 ? x.reshape([1]) : x }

/// Ops that select elements.
private func chosen(_ a: Arguments) throws -> [Variable]? {
  let axis = { a.int("dim", default: 0) }
  switch a.op {
  case "split":
    let (x, sizes) = (a.variable("tensor"), a.ints("split_size_or_sections"))
    return a.isList("split_size_or_sections") ? x.split(sizes, axis: axis()) : x.split(sizes[0], axis: axis())
  case "chunk": return a.input.chunk(a.int("chunks"), axis: axis())
  case "slice":
    return [
      a.input.slice(
        axis: axis(), from: a.optionalInt("start"), to: a.optionalInt("end"), step: a.int("step", default: 1))
    ]
  case "select": return [a.input.select(axis: axis(), a.int("index"))]
  case "index_select":
    let places = a.tensor("index").scalars(as: Int.self)
    let chosen = withAxes(a.input).indexSelect(axis: axis(), places)
    return [a.input.rank == 0 ? chosen.reshape([]) : chosen]
  case "gather":
    let index = a.tensor("index")
    return [withAxes(a.input).gather(axis: axis(), index: withAxes(Variable(index)).value).reshape(index.shape)]
  case "scatter_add":
    let (index, source) = (withAxes(Variable(a.tensor("index"))).value, withAxes(a.variable("src")))
    return [withAxes(a.input).scatterAdd(axis: axis(), index: index, source).reshape(a.input.shape)]
  case "take_along_dim": return [a.input.takeAlong(a.tensor("indices"), axis: a.optionalInt("dim"))]
  case "masked_fill": return [a.input.maskedFill(a.tensor("mask"), a.double("value"))]
  case "masked_select": return [a.input.maskedSelect(a.tensor("mask"))]
  case "tril": return [a.input.lowerTriangle(offset: a.int("diagonal", default: 0))]
  case "triu": return [a.input.upperTriangle(offset: a.int("diagonal", default: 0))]
  case "diag": return [a.input.diag(offset: a.int("diagonal", default: 0))]
  case "diagonal":
    return [
      a.input.diagonal(
        offset: a.int("offset", default: 0), axis1: a.int("dim1", default: 0), axis2: a.int("dim2", default: 1))
    ]
  case "trace": return [a.input.trace()]
  case "embedding":
    return [a.variable("weight").embedding(a.tensor("input"), paddingIndex: a.optionalInt("padding_idx"))]
  default: return nil
  }
}
