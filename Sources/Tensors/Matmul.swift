import Kernels

extension Tensor {
  /// Matrix product, with NumPy's rules for every rank.
  ///
  /// [m, k] · [k, n] gives [m, n]. A vector on the left is a row, on the right a column, and that axis is dropped from
  /// the result; two vectors give a single value. Leading axes are batches that broadcast. Transposed operands cost
  /// nothing: they are read with their strides. Stops when inner sizes, batches or types differ, and for integers.
  public func matmul(_ other: Tensor) -> Tensor {
    if rank == 2, other.rank == 2, dtype == other.dtype, dtype.isFloatingPoint, shape[1] == other.shape[0] {
      let result = Tensor(uninitialized: Shape(shape[0], other.shape[1]), dtype: dtype)
      multiplyMatrices(self, other, into: result)
      return result
    }
    let plan = MatmulPlan(self, other)
    let result = Tensor(uninitialized: plan.resultShape, dtype: dtype)
    plan.multiply(into: result)
    return result
  }

  /// `selfᵀ · other` for self [k, m] and other [k, n], without a view of self; the caller has checked the sizes.
  package func transposedMatmul(_ other: Tensor) -> Tensor {
    let result = Tensor(uninitialized: Shape(shape[1], other.shape[1]), dtype: dtype)
    multiplyMatrices(self, other, into: result, left: MatrixLayout(transposing: self))
    return result
  }

  /// `x · wᵀ + bias` in one pass: x [rows, in], w [out, in], bias [out]; the caller has checked the sizes.
  package func affine(weight: Tensor, bias: Tensor?) -> Tensor {
    let result = Tensor(uninitialized: Shape(shape[0], weight.shape[0]), dtype: dtype)
    guard let bias else {
      multiplyMatrices(self, weight, into: result, right: MatrixLayout(transposing: weight))
      return result
    }
    bias.contiguous().withPointer {
      multiplyMatrices(
        self, weight, into: result, right: MatrixLayout(transposing: weight),
        epilogue: ag_epilogue(bias: $0, row_bias: nil, activation: AG_ACTIVATION_NONE))
    }
    return result
  }
}

/// The layout in which a product reads a tensor of two axes. Tensors are borrowed, as initializers
/// would otherwise retain them.
private struct MatrixLayout {
  let rows: Int
  let columns: Int
  let rowStep: Int
  let columnStep: Int

  init(_ tensor: borrowing Tensor) {
    let (shape, strides) = (tensor.shape, tensor.strides)
    (rows, columns, rowStep, columnStep) = (shape[0], shape[1], strides[0], strides[1])
  }

  /// The transpose, which needs no view.
  init(transposing tensor: borrowing Tensor) {
    let (shape, strides) = (tensor.shape, tensor.strides)
    (rows, columns, rowStep, columnStep) = (shape[1], shape[0], strides[1], strides[0])
  }
}

/// One product of matrices that fit, into the dense c; each is read in its own layout unless another one is given.
private func multiplyMatrices(
  _ a: Tensor, _ b: Tensor, into c: Tensor, left: MatrixLayout? = nil, right: MatrixLayout? = nil,
  epilogue: ag_epilogue? = nil
) {
  let (left, right) = (left ?? MatrixLayout(a), right ?? MatrixLayout(b))
  let (m, n, k) = (left.rows, right.columns, left.columns)
  if m == 0 || n == 0 { return }  // however large the other operand is
  var epilogue = epilogue ?? ag_epilogue()
  a.withPointer { a in
    b.withPointer { b in
      c.withWritablePointer { target in
        if c.dtype == .float32 {
          ag_gemm_f32(
            m, n, k, a.assumingMemoryBound(to: Float.self), left.rowStep, left.columnStep,
            b.assumingMemoryBound(to: Float.self), right.rowStep, right.columnStep,
            target.assumingMemoryBound(to: Float.self), n, false, &epilogue)
        } else {
          ag_gemm_f64(
            m, n, k, a.assumingMemoryBound(to: Double.self), left.rowStep, left.columnStep,
            b.assumingMemoryBound(to: Double.self), right.rowStep, right.columnStep,
            target.assumingMemoryBound(to: Double.self), n, false, &epilogue)
        }
      }
    }
  }
}

/// The checked sizes, strides and batches of a matrix product.
private struct MatmulPlan {
  let rows: Int
  let inner: Int
  let columns: Int
  let resultShape: Shape
  private let batch: Shape
  private let left: Tensor
  private let right: Tensor
  private let dtype: DType

  init(_ a: Tensor, _ b: Tensor) {
    if a.dtype != b.dtype { stopForTypes("matmul", a, b) }
    require(
      a.dtype.isFloatingPoint, "matmul: wants float32 or float64, got \(a.dtype); convert with cast(to: .float32)")
    require(
      a.rank > 0 && b.rank > 0,
      "matmul: \(a.shape) · \(b.shape): both need at least one axis; to scale by a single value use *")
    // A vector becomes a row or a column here and loses that axis again in the result.
    left = a.rank == 1 ? a.unsqueeze(0) : a
    right = b.rank == 1 ? b.unsqueeze(1) : b
    (rows, inner, columns) = (left.shape[-2], left.shape[-1], right.shape[-1])
    require(
      inner == right.shape[-2],
      "matmul: \(a.shape) · \(b.shape): inner sizes \(inner) and \(right.shape[-2]) differ")
    guard let batch = Shape.broadcast(Shape(left.shape.dropLast(2)), Shape(right.shape.dropLast(2))) else {
      stop(
        "matmul: \(a.shape) · \(b.shape): batch sizes \(Shape(left.shape.dropLast(2))) and "
          + "\(Shape(right.shape.dropLast(2))) do not broadcast")
    }
    self.batch = batch
    var result = batch.sizes
    if a.rank > 1 { result.append(rows) }
    if b.rank > 1 { result.append(columns) }
    resultShape = Shape(result)
    dtype = a.dtype
  }

  func multiply(into result: Tensor) {
    if result.elementCount == 0 { return }
    if batch.elementCount == 1 {
      return multiplyMatrices(
        left.reshape(Shape(rows, inner)), right.reshape(Shape(inner, columns)),
        into: result.reshape(Shape(rows, columns)))
    }
    if right.rank == 2, left.isContiguous {
      // A contiguous stack of matrices times one matrix is a single tall product.
      let tall = batch.elementCount * rows
      return multiplyMatrices(
        left.reshape(Shape(tall, inner)), right, into: result.reshape(Shape(tall, columns)))
    }
    left.withPointer { a in
      right.withPointer { b in
        result.withWritablePointer { multiplyBatch(a, b, $0) }
      }
    }
  }

  private func multiplyBatch(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer) {
    let size = dtype.byteCount
    let aStarts = starts(left).map { a + $0 * size }
    let bStarts = starts(right).map { b + $0 * size }
    let cStarts = (0..<batch.elementCount).map { c + $0 * rows * columns * size }
    let (la, lb) = (left.strides, right.strides)
    let (aRow, aColumn, bRow, bColumn) = (la[la.count - 2], la[la.count - 1], lb[lb.count - 2], lb[lb.count - 1])
    if dtype == .float32 {
      ag_gemm_batched_f32(
        aStarts.count, rows, columns, inner, aStarts.map { $0.assumingMemoryBound(to: Float.self) }, aRow, aColumn,
        bStarts.map { $0.assumingMemoryBound(to: Float.self) }, bRow, bColumn,
        cStarts.map { $0.assumingMemoryBound(to: Float.self) }, columns, false)
    } else {
      ag_gemm_batched_f64(
        aStarts.count, rows, columns, inner, aStarts.map { $0.assumingMemoryBound(to: Double.self) }, aRow, aColumn,
        bStarts.map { $0.assumingMemoryBound(to: Double.self) }, bRow, bColumn,
        cStarts.map { $0.assumingMemoryBound(to: Double.self) }, columns, false)
    }
  }

  /// Where each matrix of a stack starts, in elements, in the order of the broadcast batch.
  private func starts(_ x: Tensor) -> [Int] {
    let stack = x.view(shape: Shape(x.shape.dropLast(2)), strides: AxisValues(x.strides.dropLast(2)))
    let steps = stack.strides(broadcastTo: batch)
    var result: [Int] = []
    result.reserveCapacity(batch.elementCount)
    StridedLoop(shape: batch, steps, steps, steps).forEachGrid { rows, columns, at, _, _ in
      for row in 0..<rows {
        for column in 0..<columns { result.append(at.offset + row * at.row + column * at.column) }
      }
    }
    return result
  }
}
