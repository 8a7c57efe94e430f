import Kernels

/// A function of two numbers that is applied to pairs of elements.
package struct BinaryFunction: Sendable {
  let kernel: ag_binary_op
  package let name: StaticString
  /// Whether the result is bool.
  let isComparison: Bool

  private init(_ kernel: ag_binary_op, _ name: StaticString, isComparison: Bool = false) {
    self.kernel = kernel
    self.name = name
    self.isComparison = isComparison
  }

  /// a + b
  package static var add: Self { Self(AG_ADD, "+") }
  /// a − b
  package static var subtract: Self { Self(AG_SUB, "-") }
  /// a · b
  package static var multiply: Self { Self(AG_MUL, "*") }
  /// a / b
  package static var divide: Self { Self(AG_DIV, "/") }
  /// aᵇ
  package static var pow: Self { Self(AG_POW, "pow") }
  /// The larger of two
  package static var maximum: Self { Self(AG_MAXIMUM, "maximum") }
  /// The smaller of two
  package static var minimum: Self { Self(AG_MINIMUM, "minimum") }
  /// The angle of the point (b, a)
  package static var atan2: Self { Self(AG_ATAN2, "atan2") }
  /// √(a² + b²)
  package static var hypot: Self { Self(AG_HYPOT, "hypot") }
  /// log(eᵃ + eᵇ)
  package static var logAddExp: Self { Self(AG_LOG_ADD_EXP, "logAddExp") }
  /// a · log b, 0 where a is 0 and b a number
  package static var xlogy: Self { Self(AG_X_LOG_Y, "xlogy") }
  /// The derivative of order b of digamma at a
  package static var polygamma: Self { Self(AG_POLYGAMMA, "polygamma") }
  /// What is left of a / b, with the sign of a
  package static var fmod: Self { Self(AG_FMOD, "fmod") }
  /// What is left of a / b, with the sign of b
  package static var remainder: Self { Self(AG_REMAINDER, "remainder") }
  /// a / b rounded down
  package static var floorDivide: Self { Self(AG_FLOOR_DIVIDE, "floorDivide") }
  /// The larger of two, or the one that is a number
  package static var fmax: Self { Self(AG_FMAX, "fmax") }
  /// The smaller of two, or the one that is a number
  package static var fmin: Self { Self(AG_FMIN, "fmin") }
  /// |a| with the sign of b
  package static var copySign: Self { Self(AG_COPY_SIGN, "copySign") }
  /// The neighbour of a on the way to b
  static var nextAfter: Self { Self(AG_NEXT_AFTER, "nextAfter") }
  // For integers.
  static var gcd: Self { Self(AG_GCD, "gcd") }
  static var lcm: Self { Self(AG_LCM, "lcm") }
  static var bitAnd: Self { Self(AG_BIT_AND, "&") }
  static var bitOr: Self { Self(AG_BIT_OR, "|") }
  static var bitXor: Self { Self(AG_BIT_XOR, "^") }
  static var shiftLeft: Self { Self(AG_SHIFT_LEFT, "<<") }
  static var shiftRight: Self { Self(AG_SHIFT_RIGHT, ">>") }
  /// b · (1 − a²): the derivative of y = tanh x from y and dy
  package static var tanhBackward: Self { Self(AG_TANH_BACKWARD, "tanhBackward") }
  /// b · a · (1 − a): the derivative of y = sigmoid x from y and dy
  package static var sigmoidBackward: Self { Self(AG_SIGMOID_BACKWARD, "sigmoidBackward") }
  /// a <= 0 ? 0 : b: the derivative of y = relu x from x or y and dy
  package static var reluBackward: Self { Self(AG_RELU_BACKWARD, "reluBackward") }
  /// a / b, but 0 where a is 0, whatever b is: how gradients are divided
  package static var quotientOrZero: Self { Self(AG_QUOTIENT_OR_ZERO, "/") }
  /// b · aᵇ⁻¹, 0 where b is 0: the derivative of aᵇ in a
  package static var powSlope: Self { Self(AG_POW_SLOPE, "pow") }
  /// aᵇ · log a, 0 where a is 0 and b is not below it: the derivative of aᵇ in b
  package static var powLogSlope: Self { Self(AG_POW_LOG_SLOPE, "pow") }
  /// a = b
  package static var equal: Self { Self(AG_EQ, ".==", isComparison: true) }
  /// a ≠ b
  package static var notEqual: Self { Self(AG_NE, ".!=", isComparison: true) }
  /// a < b
  package static var less: Self { Self(AG_LT, ".<", isComparison: true) }
  /// a ≤ b
  package static var lessOrEqual: Self { Self(AG_LE, ".<=", isComparison: true) }
  /// a > b
  package static var greater: Self { Self(AG_GT, ".>", isComparison: true) }
  /// a ≥ b
  package static var greaterOrEqual: Self { Self(AG_GE, ".>=", isComparison: true) }
  /// a and b, for Booleans
  package static var and: Self { Self(AG_LOGICAL_AND, ".&") }
  /// a or b, for Booleans
  package static var or: Self { Self(AG_LOGICAL_OR, ".|") }
}

extension Tensor {
  /// The function's value for each pair of elements of two tensors that broadcast together.
  ///
  /// Stops when shapes do not fit or types differ.
  package func combined(_ function: BinaryFunction, _ other: Tensor) -> Tensor {
    if let result = combinedSingles(function, other) { return result }
    if dtype != other.dtype { stopForTypes("\(function.name)", self, other) }
    let type = function.isComparison ? DType.bool : dtype
    if shape == other.shape, isContiguous, other.isContiguous {
      let result = Tensor(uninitialized: shape, dtype: type)
      let supported = withPointer { a in
        other.withPointer { b in
          result.withWritablePointer { ag_binary(function.kernel, dtype.kernel, 1, elementCount, a, 0, 1, b, 0, 1, $0) }
        }
      }
      if !supported { stopForFunction(function) }
      return result
    }
    guard let shape = Shape.broadcast(shape, other.shape) else { stopForShapes("\(function.name)", self, other) }
    let result = Tensor(uninitialized: shape, dtype: type)
    let (size, outSize) = (dtype.byteCount, type.byteCount)
    let (left, right) = (strides(broadcastTo: shape), other.strides(broadcastTo: shape))
    var done = 0
    withPointer { a in
      other.withPointer { b in
        result.withWritablePointer { out in
          StridedLoop(shape: shape, left, right, right).forEachGrid { rows, columns, l, r, _ in
            let supported = ag_binary(
              function.kernel, dtype.kernel, rows, columns, a + l.offset * size, l.row, l.column, b + r.offset * size,
              r.row, r.column, out + done * outSize)
            if !supported { stopForFunction(function) }
            done += rows * columns
          }
        }
      }
    }
    return result
  }

  /// The function's value for each element and one number, which takes the tensor's type.
  ///
  /// With `reversed` the number is the first argument. Stops if an integer type cannot represent it.
  package func combined(_ function: BinaryFunction, _ scalar: Double, reversed: Bool = false) -> Tensor {
    if let result = combinedSingle(function, scalar, reversed: reversed) { return result }
    if !isContiguous { return copied().combined(function, scalar, reversed: reversed) }
    let result = Tensor(uninitialized: shape, dtype: function.isComparison ? .bool : dtype)
    let supported = withScalar(scalar, op: function.name) { scalar in
      withPointer { x in
        result.withWritablePointer { out in
          reversed
            ? ag_binary(function.kernel, dtype.kernel, 1, elementCount, scalar, 0, 0, x, 0, 1, out)
            : ag_binary(function.kernel, dtype.kernel, 1, elementCount, x, 0, 1, scalar, 0, 0, out)
        }
      }
    }
    if !supported { stopForFunction(function) }
    return result
  }

  /// Replaces each element by the function's value for it and a number, in place.
  ///
  /// With `reversed` the number is the first argument. In fresh memory when others see the elements.
  package mutating func combine(_ function: BinaryFunction, _ scalar: Double, reversed: Bool = false) {
    if combineSingle(function, scalar, reversed: reversed) { return }
    require(!function.isComparison, "\(function.name): a comparison's result has another type; use combined(_:_:)")
    guard isUniqueAndDense() else {
      self = combined(function, scalar, reversed: reversed)
      return
    }
    let supported = withScalar(scalar, op: function.name) { scalar in
      withWritablePointer { x in
        reversed
          ? ag_binary(function.kernel, dtype.kernel, 1, elementCount, scalar, 0, 0, x, 0, 1, x)
          : ag_binary(function.kernel, dtype.kernel, 1, elementCount, x, 0, 1, scalar, 0, 0, x)
      }
    }
    if !supported { stopForFunction(function) }
  }

  /// Becomes the function's value for each pair of elements: in place if nobody else sees the elements, and the other
  /// tensor has the same type and shape and lies alike.
  package mutating func combine(_ function: BinaryFunction, _ other: Tensor) {
    if combineSingles(function, other) { return }
    let fits = dtype == other.dtype && other.hasShape(shape) && other.isContiguous && !function.isComparison
    guard fits, isUniqueAndDense() else {
      self = combined(function, other)
      return
    }
    let supported = withWritablePointer { x in
      other.withPointer { ag_binary(function.kernel, dtype.kernel, 1, elementCount, x, 0, 1, $0, 0, 1, x) }
    }
    if !supported { stopForFunction(function) }
  }

  /// The same, for what stands as an operator and `=`: the shape and the type stay.
  mutating func become(_ function: BinaryFunction, _ other: Tensor) {
    if dtype != other.dtype { stopForTypes("\(function.name)=", self, other) }
    require(
      Shape.broadcast(other.shape, shape) == shape,
      "\(function.name)=: the right side \(other.shape) does not broadcast to the left side's shape \(shape)")
    combine(function, other)
  }

  /// A number in the memory form of this tensor's type.
  @inline(__always)
  func withScalar<R>(_ scalar: Double, op: StaticString, _ body: (UnsafeRawPointer) -> R) -> R {
    withUnsafeBytes(of: dtype.bits(of: scalar, op: op)) { body($0.baseAddress.unsafelyUnwrapped) }
  }

  /// Part of the way to `end`: self + weight · (end − self); shapes broadcast. Stops unless both are floats. PyTorch's
  /// `lerp`.
  public func lerp(to end: Tensor, weight: Double) -> Tensor {
    requireFloat(named: "lerp")
    guard shape == end.shape, dtype == end.dtype, isContiguous, end.isContiguous else {
      if dtype != end.dtype { stopForTypes("lerp", self, end) }
      if Shape.broadcast(shape, end.shape) == nil { stopForShapes("lerp", self, end) }
      return self + (end - self) * weight
    }
    let result = Tensor(uninitialized: shape, dtype: dtype)
    withExtendedLifetime((self, end)) { ag_lerp(dtype.kernel, elementCount, weight, raw, end.raw, result.raw) }
    return result
  }

  private func stopForFunction(_ function: BinaryFunction) -> Never {
    stop("\(function.name): does not work on \(dtype); convert with cast(to:)")
  }
}

/// The sentence for two operands of different types.
@inline(never)
package func stopForTypes(_ op: String, _ lhs: Tensor, _ rhs: Tensor) -> Never {
  // Suggests casting the integer operand to the other's type, never a float to an integer type.
  let type = rhs.dtype.isFloatingPoint && !lhs.dtype.isFloatingPoint ? rhs.dtype : lhs.dtype
  stop(
    "\(op): types differ, got \(lhs.dtype) \(lhs.shape) and \(rhs.dtype) \(rhs.shape); "
      + "convert one with cast(to: .\(type))")
}

/// The sentence for two operands that do not broadcast.
@inline(never)
package func stopForShapes(_ op: String, _ lhs: Tensor, _ rhs: Tensor) -> Never {
  stop(
    "\(op): shapes \(lhs.shape) and \(rhs.shape) do not broadcast together; "
      + "aligned at the end, sizes must be equal or 1")
}

extension Tensor {
  /// Elements converted to another type; this tensor itself if it has the type.
  ///
  /// Floats to integers truncate towards zero and stop at the type's bounds, NaN gives 0; to bool is x ≠ 0.
  public func cast(to type: DType) -> Tensor {
    if type == dtype { return self }
    let x = contiguous()
    let result = Tensor(uninitialized: shape, dtype: type)
    x.withPointer { x in
      result.withWritablePointer { ag_cast(dtype.kernel, type.kernel, 1, elementCount, x, 0, 1, $0) }
    }
    return result
  }

  /// `condition ? lhs : rhs` for each element, all three broadcast together.
  ///
  /// Stops unless `condition` is bool and both sides have one type. PyTorch's `where`.
  public static func `where`(_ condition: Tensor, _ lhs: Tensor, _ rhs: Tensor) -> Tensor {
    require(condition.dtype == .bool, "where: the condition must be bool, got \(condition.dtype) \(condition.shape)")
    if lhs.dtype != rhs.dtype { stopForTypes("where", lhs, rhs) }
    guard let both = Shape.broadcast(lhs.shape, rhs.shape) else { stopForShapes("where", lhs, rhs) }
    guard let all = Shape.broadcast(both, condition.shape) else {
      stop("where: the condition \(condition.shape) does not broadcast with \(lhs.shape) and \(rhs.shape)")
    }
    let result = Tensor(uninitialized: all, dtype: lhs.dtype)
    let loop = StridedLoop(
      shape: all, condition.strides(broadcastTo: all), lhs.strides(broadcastTo: all), rhs.strides(broadcastTo: all))
    let (type, size) = (lhs.dtype.kernel, lhs.dtype.byteCount)
    var done = 0
    condition.withPointer { c in
      lhs.withPointer { a in
        rhs.withPointer { b in
          result.withWritablePointer { out in
            loop.forEachGrid { rows, columns, at, l, r in
              ag_where(
                type, rows, columns, c.assumingMemoryBound(to: UInt8.self) + at.offset, at.row, at.column,
                a + l.offset * size, l.row, l.column, b + r.offset * size, r.row, r.column, out + done * size)
              done += rows * columns
            }
          }
        }
      }
    }
    return result
  }

  /// This with a number wherever a bool mask is true; the mask broadcasts. PyTorch's `masked_fill`.
  public func maskedFill(_ mask: Tensor, _ number: Double) -> Tensor {
    require(mask.dtype == .bool, "maskedFill: the mask must be bool, got \(mask.dtype) \(mask.shape)")
    require(
      Shape.broadcast(mask.shape, shape) == shape,
      "maskedFill: the mask \(mask.shape) does not broadcast to \(shape)")
    return .where(mask, .full([], number, dtype: dtype), self)
  }

  /// Adds `scale · other` in place; `other` broadcasts to this tensor's shape.
  ///
  /// Copies first when the storage is shared.
  public mutating func add(_ other: Tensor, scale: Double = 1) {
    if scale == 1, combineSingles(.add, other) { return }
    if dtype != other.dtype { stopForTypes("+=", self, other) }
    guard other.shape == shape, other.isContiguous else {
      require(
        Shape.broadcast(other.shape, shape) == shape,
        "+=: the right side \(other.shape) does not broadcast to the left side's shape \(shape)")
      return add(other.expand(shape).copied(), scale: scale)
    }
    let (type, count) = (dtype.kernel, elementCount)
    withMutablePointer { out in
      other.withPointer { ag_accumulate(type, count, scale, $0, out) }
    }
  }

  /// Adds to part of this tensor in place, if that needs no copy: if nobody else sees the
  /// elements. Says whether it did.
  package mutating func add(_ other: Tensor, toPart indices: [TensorIndex]) -> Bool {
    guard isUniqueAndDense(), dtype == other.dtype else { return false }
    let part = slice(indices)
    guard part.shape == other.shape else { return false }
    let rowLength = part.rank == 0 ? 1 : part.shape[-1]
    if part.rank > 0, part.strides[part.rank - 1] == 1, rowLength >= 64 {
      let (size, source) = (dtype.byteCount, other.contiguous())
      var done = 0
      StridedLoop(shape: part.shape, part.strides, part.strides, part.strides).forEachGrid { rows, columns, at, _, _ in
        ag_accumulate_rows(
          dtype.kernel, rows, columns, source.raw + done * size, part.raw + at.offset * size, at.row)
        done += rows * columns
      }
      withExtendedLifetime((source, part)) {}
    } else {
      part.combined(.add, other).copyElements(to: part.raw, strides: part.strides)
    }
    return true
  }
}
