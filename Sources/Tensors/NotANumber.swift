// Elements that are no numbers left out or replaced.

extension TensorLike {
  /// NaN and infinities replaced by numbers: NaN by 0, infinities by the type's largest and smallest number unless
  /// given. dx = 0 there, else dy. Stops unless the elements are floats. PyTorch's `nan_to_num`.
  public func nanToNum(_ nan: Double = 0, infinity: Double? = nil, negativeInfinity: Double? = nil) -> Self {
    value.requireFloat(named: "nanToNum")
    let largest = value.dtype == .float32 ? Double(Float.greatestFiniteMagnitude) : Double.greatestFiniteMagnitude
    return maskedFill(value.isNaN(), nan)
      .maskedFill(value .== .infinity, infinity ?? largest)
      .maskedFill(value .== -.infinity, negativeInfinity ?? -largest)
  }

  /// Sum over some axes, by default all, of the elements that are not NaN. dx = 0 for NaN, else dy. PyTorch's `nansum`.
  public func nanSum(axes: [Int]? = nil, keepDims: Bool = false) -> Self {
    _ = shape.checkedAxes(axes, op: "nanSum")
    // Mostly there is none, and then this is the sum.
    let sum = sum(axes: axes, keepDims: keepDims)
    if sum.value.isNaN().any().item() == 0 { return sum }
    return maskedFill(value.isNaN(), 0).sum(axes: axes, keepDims: keepDims)
  }
}

extension Tensor {
  /// Arithmetic mean over some axes, by default all, of the elements that are not NaN; NaN if there are none. Stops
  /// unless the elements are floats. PyTorch's `nanmean`.
  public func nanMean(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireFloat(named: "nanMean")
    _ = shape.checkedAxes(axes, op: "nanMean")
    return nanSum(axes: axes, keepDims: keepDims) / numberCount(axes: axes, keepDims: keepDims)
  }

  /// How many elements are not NaN, in this type.
  package func numberCount(axes: [Int]?, keepDims: Bool) -> Tensor {
    (!isNaN()).cast(to: .int64).sum(axes: axes, keepDims: keepDims).cast(to: dtype)
  }
}
