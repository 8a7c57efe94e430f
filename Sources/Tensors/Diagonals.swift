import Kernels

extension Tensor {
  /// The diagonal of two axes, which are replaced by one axis at the end. A view.
  public func diagonal(offset: Int = 0, axis1: Int = 0, axis2: Int = 1) -> Tensor {
    let (first, second) = (shape.checkedAxis(axis1, op: "diagonal"), shape.checkedAxis(axis2, op: "diagonal"))
    require(first != second, "diagonal: axis \(axis1) and axis \(axis2) of \(shape) are the same")
    let offset = Swift.max(-shape[first], Swift.min(offset, shape[second]))  // beyond these nothing is left
    let (rows, columns) = (shape[first] + Swift.min(offset, 0), shape[second] - Swift.max(offset, 0))
    let count = Swift.max(0, Swift.min(rows, columns))
    var (sizes, steps) = (shape.sizes, strides)
    for axis in [Swift.max(first, second), Swift.min(first, second)] {
      sizes.remove(at: axis)
      steps.remove(at: axis)
    }
    sizes.append(count)
    steps.append(strides[first] &+ strides[second])  // only where nothing is stepped through can this overflow
    if elementCount == 0 || count == 0 { return view(shape: Shape(checked: sizes), strides: steps) }
    let start = Swift.max(offset, 0) * strides[second] - Swift.min(offset, 0) * strides[first]
    return view(shape: Shape(checked: sizes), strides: steps, offset: start)
  }

  /// Vectors [..., n] as the diagonals of matrices of zeros, whose axes stand at `axis1` and `axis2` of the result; by
  /// default [..., n + |offset|, n + |offset|]. PyTorch's `diag_embed`.
  public func diagEmbed(offset: Int = 0, axis1: Int = -2, axis2: Int = -1) -> Tensor {
    onDiagonal(of: shape.diagEmbedded(offset, axis1, axis2), offset: offset, axis1, axis2)
  }

  /// Zeros of a shape with this tensor on a diagonal: the adjoint of `diagonal`.
  package func onDiagonal(of shape: Shape, offset: Int, _ axis1: Int, _ axis2: Int) -> Tensor {
    let result = Tensor.zeros(shape, dtype: dtype)
    let target = result.diagonal(offset: offset, axis1: axis1, axis2: axis2)
    if elementCount > 0 { target.withWritablePointer { copyElements(to: $0, strides: target.strides) } }
    return result
  }

  /// The elements on and below a diagonal of the last two axes, 0 above: `offset` 0 is the main diagonal, 1 the
  /// one above it. PyTorch's `tril`.
  public func lowerTriangle(offset: Int = 0) -> Tensor { triangle("lowerTriangle", offset, isLower: true) }

  /// The elements on and above a diagonal of the last two axes, 0 below. PyTorch's `triu`.
  public func upperTriangle(offset: Int = 0) -> Tensor { triangle("upperTriangle", offset, isLower: false) }

  /// Matrices with zeros beyond a diagonal: with `isLower` above it, else below.
  package func triangle(_ name: String, _ offset: Int, isLower: Bool) -> Tensor {
    require(rank >= 2, "\(name): wants matrices, got shape \(shape)")
    let result = Tensor(uninitialized: shape, dtype: dtype)
    if elementCount == 0 { return result }
    let x = contiguous()
    let (rows, columns) = (shape[-2], shape[-1])
    withExtendedLifetime(x) {
      ag_triangle(
        dtype.kernel, shape.dropLast(2).product, rows, columns, offset, isLower, x.raw, result.raw)
    }
    return result
  }
}

extension Shape {
  /// That of matrices with vectors of this shape on their diagonals.
  package func diagEmbedded(_ offset: Int, _ axis1: Int, _ axis2: Int) -> Shape {
    require(rank > 0, "diagEmbed: wants vectors [..., n], got []")
    let axes = [axis1, axis2].map { axis in
      require(
        axis >= -rank - 1 && axis <= rank,
        "diagEmbed: axis \(axis) is out of range for \(rank + 1) axes, made of \(self)")
      return axis < 0 ? axis + rank + 1 : axis
    }
    require(axes[0] != axes[1], "diagEmbed: axis \(axis1) and axis \(axis2) are the same")
    let size = Int(clamping: UInt(self[-1]) + offset.magnitude)
    var sizes = Array(dropLast())
    for axis in axes.sorted() { sizes.insert(size, at: axis) }
    return Shape(sizes)
  }
}

extension Tensor {
  /// The positions of the elements on and below a diagonal of a matrix, in row-major order: int64 [2, count], rows and
  /// columns. PyTorch's `tril_indices`.
  public static func lowerTriangleIndices(_ rows: Int, _ columns: Int, offset: Int = 0) -> Tensor {
    triangleIndices("lowerTriangleIndices", rows, columns, offset, isLower: true)
  }

  /// The positions of the elements on and above a diagonal of a matrix, in row-major order: int64 [2, count], rows and
  /// columns. PyTorch's `triu_indices`.
  public static func upperTriangleIndices(_ rows: Int, _ columns: Int, offset: Int = 0) -> Tensor {
    triangleIndices("upperTriangleIndices", rows, columns, offset, isLower: false)
  }

  private static func triangleIndices(
    _ name: String, _ rows: Int, _ columns: Int, _ offset: Int, isLower: Bool
  ) -> Tensor {
    require(rows >= 0 && columns >= 0, "\(name): sizes must not be negative, got \(rows) and \(columns)")
    let ones = Tensor.ones([rows, columns], dtype: .uint8)
    return ones.triangle(name, offset, isLower: isLower).nonzero().transpose().contiguous()
  }
}
