// Normalization of each example separately: the same in training and in evaluation.

/// Rows normalized to mean 0 and variance 1, then scaled and shifted (see `Variable.layerNorm`).
///
/// Input [..., shape]: a row is the last axes, of the given shape, taken together. `weight` and `bias` have that shape
/// and start at 1 and 0; either may be left out. Ba et al. 2016; PyTorch's `LayerNorm`.
public final class LayerNorm: Module {
  /// [shape]
  public let weight: Variable?
  /// [shape]
  public let bias: Variable?
  /// The sizes of the axes that are normalized together.
  public let shape: Shape
  /// Added to the variance, to avoid division by 0.
  public let epsilon: Double

  /// Creates a layer for rows of a shape. `affine: false` leaves out weight and bias, `bias: false` the latter.
  public init(_ shape: Shape, epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true, dtype: DType = .float32) {
    requirePositive("LayerNorm", shape)
    Self.requireFloat(dtype)
    (self.shape, self.epsilon) = (shape, epsilon)
    weight = affine ? Initializer.constant(1).parameter(shape, dtype: dtype) : nil
    self.bias = affine && bias ? Initializer.zeros.parameter(shape, dtype: dtype) : nil
  }

  /// Creates a layer for rows of `features` numbers.
  public convenience init(
    _ features: Int, epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true, dtype: DType = .float32
  ) { self.init([features], epsilon: epsilon, affine: affine, bias: bias, dtype: dtype) }

  public override func forward(_ x: Variable) -> Variable {
    requireRows(x, shape)
    return x.layerNorm(shape, weight: weight, bias: bias, epsilon: epsilon)
  }

  public override var summary: String { "LayerNorm \(shape)" }
}

/// Rows divided by their root mean square, then scaled (see `Variable.rmsNorm`).
///
/// Input [..., shape], `weight` of that shape, which starts at 1, or none. Zhang and
/// Sennrich 2019; PyTorch's `RMSNorm`.
public final class RMSNorm: Module {
  /// [shape]
  public let weight: Variable?
  /// The sizes of the axes that are normalized together.
  public let shape: Shape
  private let epsilon: Double?

  /// Creates a layer for rows of a shape. `epsilon` defaults to the machine epsilon of the input's type.
  public init(_ shape: Shape, epsilon: Double? = nil, affine: Bool = true, dtype: DType = .float32) {
    requirePositive("RMSNorm", shape)
    Self.requireFloat(dtype)
    (self.shape, self.epsilon) = (shape, epsilon)
    weight = affine ? Initializer.constant(1).parameter(shape, dtype: dtype) : nil
  }

  /// Creates a layer for rows of `features` numbers.
  public convenience init(_ features: Int, epsilon: Double? = nil, affine: Bool = true, dtype: DType = .float32) {
    self.init([features], epsilon: epsilon, affine: affine, dtype: dtype)
  }

  public override func forward(_ x: Variable) -> Variable {
    requireRows(x, shape)
    let smallest = x.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    return x.rmsNorm(shape, weight: weight, epsilon: epsilon ?? smallest)
  }

  public override var summary: String { "RMSNorm \(shape)" }
}

/// Groups of consecutive channels normalized to mean 0 and variance 1 in each example (see `Variable.groupNorm`).
///
/// Input [N, C, ...]; `weight` and `bias` [C], which start at 1 and 0, or none. Wu and He 2018; PyTorch's `GroupNorm`.
public final class GroupNorm: Module {
  /// [C]
  public let weight: Variable?
  /// [C]
  public let bias: Variable?
  private let groups, channels: Int
  private let epsilon: Double

  /// Creates a layer of `groups` groups, which divide the channels.
  public init(_ groups: Int, _ channels: Int, epsilon: Double = 1e-5, affine: Bool = true, dtype: DType = .float32) {
    require(
      groups > 0 && channels > 0 && channels % groups == 0,
      "GroupNorm: \(groups) groups must divide \(channels) channels, both at least 1")
    Self.requireFloat(dtype)
    (self.groups, self.channels, self.epsilon) = (groups, channels, epsilon)
    weight = affine ? Initializer.constant(1).parameter([channels], dtype: dtype) : nil
    bias = affine ? Initializer.zeros.parameter([channels], dtype: dtype) : nil
  }

  public override func forward(_ x: Variable) -> Variable {
    require(x.rank >= 2 && x.shape[1] == channels, "wants [N, \(channels), ...], got \(x.shape)")
    return x.groupNorm(groups: groups, weight: weight, bias: bias, epsilon: epsilon)
  }

  public override var summary: String { "GroupNorm \(groups) of \(channels)" }
}

/// The base of instance normalization of any rank: each channel of each example normalized to mean 0 and variance 1
/// (see `Variable.instanceNorm`).
///
/// Input [N, C, ...]; `weight` and `bias` [C] with `affine`. Ulyanov et al. 2016.
public class InstanceNorm: Module {
  /// [C]
  public let weight: Variable?
  /// [C]
  public let bias: Variable?
  fileprivate let channels: Int
  private let epsilon: Double

  /// Creates a layer for `channels` channels.
  public init(_ channels: Int, epsilon: Double = 1e-5, affine: Bool = false, dtype: DType = .float32) {
    require(channels > 0, "\(Self.self): wants at least one channel, got \(channels)")
    Self.requireFloat(dtype)
    (self.channels, self.epsilon) = (channels, epsilon)
    weight = affine ? Initializer.constant(1).parameter([channels], dtype: dtype) : nil
    bias = affine ? Initializer.zeros.parameter([channels], dtype: dtype) : nil
  }

  /// The axes behind [N, C].
  fileprivate var axes: [String] { [] }

  public final override func forward(_ x: Variable) -> Variable {
    require(
      x.rank == axes.count + 2 && x.shape[1] == channels,
      "wants [\((["N", "\(channels)"] + axes).joined(separator: ", "))], got \(x.shape)")
    return x.instanceNorm(weight: weight, bias: bias, epsilon: epsilon)
  }

  public override var summary: String { "\(type(of: self)) \(channels)" }
}

/// Instance normalization of sequences [N, C, L]. PyTorch's `InstanceNorm1d`.
public final class InstanceNorm1D: InstanceNorm {
  override var axes: [String] { ["L"] }
}

/// Instance normalization of images [N, C, H, W]. PyTorch's `InstanceNorm2d`.
public final class InstanceNorm2D: InstanceNorm {
  override var axes: [String] { ["H", "W"] }
}

/// Instance normalization of volumes [N, C, D, H, W]. PyTorch's `InstanceNorm3d`.
public final class InstanceNorm3D: InstanceNorm {
  override var axes: [String] { ["D", "H", "W"] }
}

/// Values divided by what neighbouring channels of [N, C, ...] hold (see `Variable.localResponseNorm`). PyTorch's
/// `LocalResponseNorm`.
public final class LocalResponseNorm: FunctionLayer {
  /// Creates a layer that looks at `size` channels.
  public init(_ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) {
    require(size > 0, "LocalResponseNorm: the size must be positive, got \(size)")
    super.init("LocalResponseNorm \(size)") { $0.localResponseNorm(size, alpha: alpha, beta: beta, k: k) }
  }
}

private func requirePositive(_ layer: String, _ shape: Shape) {
  require(shape.rank > 0 && shape.allSatisfy { $0 > 0 }, "\(layer): sizes must be at least 1, got \(shape)")
}

private func requireRows(_ x: Variable, _ shape: Shape) {
  require(
    x.rank >= shape.rank && x.shape.suffix(shape.rank).elementsEqual(shape),
    "wants [..., \(shape.map(String.init).joined(separator: ", "))], got \(x.shape)")
}
