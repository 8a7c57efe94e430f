import Kernels

extension Tensor {
  /// Matrix product, with NumPy's rules for every rank.
  ///
  /// [m, k] · [k, n] gives [m, n]. A vector on the left is a row, on the right a column, and its axis goes away again;
  /// two vectors give a single value. Leading axes are batches that broadcast. Transposed operands cost nothing: they
  /// are read with their strides. Stops when inner sizes, batches or types differ, and for whole numbers.
  public func matmul(_ other: Tensor) -> Tensor {
    let plan = MatmulPlan(self, other)
    let result = Tensor(uninitialized: plan.resultShape, dtype: dtype)
    plan.multiply(self, other, into: result)
    return result
  }

  /// Adds `a · b` to this matrix in place, or to a copy when the storage is shared.
  package mutating func addProduct(_ a: Tensor, _ b: Tensor) {
    let plan = MatmulPlan(a, b)
    require(plan.resultShape == shape, "matmul: the product has shape \(plan.resultShape), the sum \(shape)")
    makeUnique()
    plan.multiply(a, b, into: self, accumulate: true)
  }

  /// `x · wᵀ + bias`, activated if asked, in one pass: x [rows, in], w [out, in], bias [out].
  package func affine(weight: Tensor, bias: Tensor?, relu: Bool = false) -> Tensor {
    let (w, dense) = (weight.transposed(), bias?.contiguous())
    let plan = MatmulPlan(self, w)
    let result = Tensor(uninitialized: plan.resultShape, dtype: dtype)
    func run(_ bias: UnsafeRawPointer?) {
      plan.multiply(
        self, w, into: result,
        epilogue: ag_epilogue(bias: bias, activation: relu ? AG_ACTIVATION_RELU : AG_ACTIVATION_NONE))
    }
    if let dense { dense.withPointer { run($0) } } else { run(nil) }
    return result
  }
}

/// The sizes, strides and batches of one matrix product, worked out and checked.
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
    left = a.rank == 1 ? a.expandingDims(at: 0) : a
    right = b.rank == 1 ? b.expandingDims(at: 1) : b
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

  func multiply(
    _ a: Tensor, _ b: Tensor, into result: Tensor, accumulate: Bool = false, epilogue: ag_epilogue? = nil
  ) {
    left.withPointer { a in
      right.withPointer { b in
        result.withWritablePointer { c in
          if batch.elementCount == 1 || foldsRows { return multiplyOne(a, b, c, accumulate, epilogue) }
          multiplyBatch(a, b, c, accumulate)
        }
      }
    }
  }

  /// Whether a stack of matrices on the left, read row after row, times one matrix is a single tall product.
  private var foldsRows: Bool {
    right.rank == 2 && left.isContiguous && batch.elementCount * rows > 0
  }

  private func multiplyOne(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer, _ accumulate: Bool,
    _ epilogue: ag_epilogue?
  ) {
    let m = rows * batch.elementCount
    let (la, lb) = (left.strides, right.strides)
    let aRow = batch.elementCount == 1 ? la[la.count - 2] : inner
    let aColumn = batch.elementCount == 1 ? la[la.count - 1] : 1
    let (bRow, bColumn) = (lb[lb.count - 2], lb[lb.count - 1])
    withOptionalPointer(epilogue) { epilogue in
      if dtype == .float32 {
        ag_gemm_f32(
          m, columns, inner, a.assumingMemoryBound(to: Float.self), aRow, aColumn,
          b.assumingMemoryBound(to: Float.self), bRow, bColumn, c.assumingMemoryBound(to: Float.self), columns,
          accumulate, epilogue)
      } else {
        ag_gemm_f64(
          m, columns, inner, a.assumingMemoryBound(to: Double.self), aRow, aColumn,
          b.assumingMemoryBound(to: Double.self), bRow, bColumn, c.assumingMemoryBound(to: Double.self), columns,
          accumulate, epilogue)
      }
    }
  }

  private func withOptionalPointer(_ epilogue: ag_epilogue?, _ body: (UnsafePointer<ag_epilogue>?) -> Void) {
    if let epilogue { withUnsafePointer(to: epilogue, body) } else { body(nil) }
  }

  private func multiplyBatch(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer, _ accumulate: Bool
  ) {
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
        cStarts.map { $0.assumingMemoryBound(to: Float.self) }, columns, accumulate)
    } else {
      ag_gemm_batched_f64(
        aStarts.count, rows, columns, inner, aStarts.map { $0.assumingMemoryBound(to: Double.self) }, aRow, aColumn,
        bStarts.map { $0.assumingMemoryBound(to: Double.self) }, bRow, bColumn,
        cStarts.map { $0.assumingMemoryBound(to: Double.self) }, columns, accumulate)
    }
  }

  /// Where each matrix of a stack starts (elements), in the order of the broadcast batch.
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
