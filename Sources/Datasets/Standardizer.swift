import Tensors

/// Shifts and scales each feature to mean 0 and standard deviation 1, as measured on the training set.
///
/// x ↦ (x − mean) / deviation for samples [N, ...], where each position after the first axis is a feature. A constant
/// feature is only shifted. Fit it to the training part alone and apply it to both: the test part must not be seen.
public struct Standardizer: Sendable {
  /// Of each feature, [1, ...].
  public let mean: Tensor
  /// Of each feature, [1, ...]: the biased standard deviation, or 1 where it is 0.
  public let deviation: Tensor

  /// Computes means and deviations. Stops when there are no samples or they are not of a float type.
  public init(fitting samples: Tensor) {
    require(
      samples.rank > 0 && samples.shape[0] > 0 && samples.dtype.isFloatingPoint,
      "Standardizer: wants at least one sample of float32 or float64, got \(samples.dtype) \(samples.shape)")
    // In double: the squares of large values must not lose the small differences between them.
    let wide = samples.cast(to: .float64)
    // The computed mean of equal numbers may differ slightly from them.
    let least = wide.min(axes: [0], keepDims: true)
    let mean = Tensor.where(
      least .== wide.max(axes: [0], keepDims: true), least, wide.mean(axes: [0], keepDims: true))
    let centred = wide - mean
    let deviation = (centred * centred).mean(axes: [0], keepDims: true).sqrt()
    self.mean = mean.cast(to: samples.dtype)
    self.deviation = (deviation + (deviation .== 0).cast(to: .float64)).cast(to: samples.dtype)
  }

  /// The samples [N, ...] standardized; stops unless they have the training set's features and type.
  public func callAsFunction(_ samples: Tensor) -> Tensor {
    check(samples)
    return (samples - mean) / deviation
  }

  /// The samples [N, ...] before standardization.
  public func inverse(_ samples: Tensor) -> Tensor {
    check(samples)
    return samples * deviation + mean
  }

  private func check(_ samples: Tensor) {
    let features = mean.shape.dropFirst()
    require(
      samples.rank > 0 && samples.shape.dropFirst().elementsEqual(features) && samples.dtype == mean.dtype,
      "Standardizer: wants samples [\((["N"] + features.map(String.init)).joined(separator: ", "))] of \(mean.dtype), "
        + "got \(samples.dtype) \(samples.shape)")
  }
}
