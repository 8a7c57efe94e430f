import Kernels

/// A loop over all elements of several operands at once, with as few and as long inner loops as their strides allow.
///
/// Every element-wise kernel takes a grid of rows and columns; this loops over all other axes. Axes of size 1
/// are dropped, and adjacent axes are merged if every operand steps through both evenly, so that dense
/// operands of any rank become one row.
struct StridedLoop {
  /// An operand's offset (in elements) at the grid's first element, and its strides.
  struct Operand {
    var offset = 0
    var row = 0
    var column = 0
  }

  private(set) var sizes = AxisValues()
  private var strides: (AxisValues, AxisValues, AxisValues)

  /// Operands of the same shape; if there are fewer than three, pass one again.
  init(shape: Shape, _ first: AxisValues, _ second: AxisValues, _ third: AxisValues) {
    strides = (AxisValues(), AxisValues(), AxisValues())
    for axis in 0..<shape.rank where shape.sizes[axis] != 1 {
      let size = shape.sizes[axis]
      let last = sizes.count - 1
      // These products can overflow only if some size is 0, and then nothing is stepped through.
      if last >= 0, strides.0[last] == first[axis] &* size, strides.1[last] == second[axis] &* size,
        strides.2[last] == third[axis] &* size
      {
        sizes[last] &*= size
        (strides.0[last], strides.1[last], strides.2[last]) = (first[axis], second[axis], third[axis])
      } else {
        sizes.append(size)
        strides.0.append(first[axis])
        strides.1.append(second[axis])
        strides.2.append(third[axis])
      }
    }
  }

  /// Calls `body` for each grid, in row-major order, with its rows, its columns, and each operand's offset and strides.
  func forEachGrid(_ body: (Int, Int, Operand, Operand, Operand) -> Void) {
    let outer = max(sizes.count - 2, 0)
    let columns = sizes.count >= 1 ? sizes[sizes.count - 1] : 1
    let rows = sizes.count >= 2 ? sizes[sizes.count - 2] : 1
    var operands = (operand(strides.0), operand(strides.1), operand(strides.2))
    var index = AxisValues(repeating: 0, count: outer)
    if sizes.contains(0) { return }
    while true {
      body(rows, columns, operands.0, operands.1, operands.2)
      var axis = outer - 1
      while axis >= 0 {
        index[axis] += 1
        let steps = index[axis] < sizes[axis] ? 1 : 1 - sizes[axis]
        operands.0.offset += steps * strides.0[axis]
        operands.1.offset += steps * strides.1[axis]
        operands.2.offset += steps * strides.2[axis]
        if steps == 1 { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private func operand(_ strides: AxisValues) -> Operand {
    Operand(
      row: strides.count >= 2 ? strides[strides.count - 2] : 0,
      column: strides.count >= 1 ? strides[strides.count - 1] : 0)
  }
}

extension Tensor {
  /// The strides that read this tensor as if it had `shape`, to which it broadcasts.
  func strides(broadcastTo shape: Shape) -> AxisValues {
    if self.shape == shape { return strides }
    var result = AxisValues(repeating: 0, count: shape.rank)
    let shift = shape.rank - rank
    for axis in 0..<rank where self.shape.sizes[axis] != 1 { result[axis + shift] = strides[axis] }
    return result
  }

  /// Copies all elements to memory with the strides `outStrides`.
  func copyElements(to out: UnsafeMutableRawPointer, strides outStrides: AxisValues) {
    let loop = StridedLoop(shape: shape, outStrides, strides, strides)
    var starts: [Int] = []
    var (count, grid) = ((rows: 0, columns: 0), (to: StridedLoop.Operand(), from: StridedLoop.Operand()))
    loop.forEachGrid { rows, columns, to, from, _ in
      starts += [from.offset, to.offset]
      (count, grid) = ((rows, columns), (to, from))
    }
    let (type, to, from) = (dtype.kernel, grid.to, grid.from)
    withPointer { x in
      if starts.count == 2 {
        ag_copy(type, count.rows, count.columns, x, from.row, from.column, out, to.row, to.column)
      } else {
        ag_copy_grids(
          type, starts.count / 2, starts, count.rows, count.columns, x, from.row, from.column, out, to.row, to.column)
      }
    }
  }
}
