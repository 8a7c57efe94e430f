/// A layer that is one function without parameters: an activation, a pooling, a change of shape.
///
/// ```swift
/// let double = FunctionLayer("Double") { $0 * 2 }
/// ```
open class FunctionLayer: Module {
  private let name: String
  private let function: (Variable) -> Variable

  /// Creates a layer from a function; `name` is what listings show.
  public init(_ name: String, _ function: @escaping (Variable) -> Variable) {
    self.name = name
    self.function = function
  }

  public final override func forward(_ x: Variable) -> Variable { function(x) }
  public override var summary: String { name }
}

/// The identity: replaces a layer that is removed, as in `net.head = Identity()`. PyTorch's `Identity`.
public final class Identity: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("Identity") { $0 } }
}

/// All axes from `startAxis` to `endAxis` merged into one: [N, C, H, W] becomes [N, C·H·W]. PyTorch's `Flatten`.
public final class Flatten: FunctionLayer {
  /// Creates the layer.
  public init(startAxis: Int = 1, endAxis: Int = -1) {
    super.init("Flatten") { $0.flatten(startAxis: startAxis, endAxis: endAxis) }
  }
}

/// One axis split into several: `Unflatten(1, [3, 8, 8])` makes [N, 192] into [N, 3, 8, 8]. PyTorch's `Unflatten`.
public final class Unflatten: FunctionLayer {
  /// Creates the layer. One of the sizes may be −1 and is inferred; their product must be the axis's size.
  public init(_ axis: Int, _ sizes: [Int]) {
    require(
      sizes.allSatisfy { $0 >= -1 } && sizes.count { $0 == -1 } <= 1,
      "Unflatten: sizes must not be negative, but for one −1, got \(sizes)")
    super.init("Unflatten \(axis) to \(sizes)") { x in
      let split = axis < 0 ? axis + x.rank : axis
      require(split >= 0 && split < x.rank, "wants an axis \(axis), got \(x.shape)")
      let (known, size) = (sizes.filter { $0 >= 0 }.reduce(1) { $0.times($1) }, x.shape[split])
      require(
        known == size || (sizes.contains(-1) && known > 0 && size % known == 0),
        "wants axis \(axis) to be divided into \(sizes), got \(x.shape)")
      return x.reshape(
        Array(x.shape.prefix(split)) + sizes.map { $0 < 0 ? size / known : $0 }
          + Array(x.shape.dropFirst(split + 1)))
    }
  }
}

/// The axes after [N, C] resized (see `Variable.interpolate`). PyTorch's `Upsample`.
public final class Upsample: FunctionLayer {
  /// Creates a layer that scales all axes by one factor, to sizes ⌊in · factor⌋.
  public init(scale: Double, mode: Variable.InterpolationMode = .nearest, alignCorners: Bool = false) {
    require(scale > 0 && scale.isFinite, "Upsample: the factor must be finite and above 0, got \(scale)")
    mode.requireUse(ofAlignedCorners: alignCorners, "Upsample")
    super.init("Upsample ×\(scale)") { $0.interpolate(scale: [scale], mode: mode, alignCorners: alignCorners) }
  }

  /// Creates a layer with given output sizes, one for all axes or one for each.
  public init(size: [Int], mode: Variable.InterpolationMode = .nearest, alignCorners: Bool = false) {
    require(size.allSatisfy { $0 > 0 }, "Upsample: sizes must be at least 1, got \(size)")
    mode.requireUse(ofAlignedCorners: alignCorners, "Upsample")
    super.init("Upsample to \(size)") { $0.interpolate(size: size, mode: mode, alignCorners: alignCorners) }
  }
}

/// Channels spread over squares of r × r pixels: [N, C · r², H, W] gives [N, C, H · r, W · r]
/// (see `Variable.pixelShuffle`).
public final class PixelShuffle: FunctionLayer {
  /// Creates the layer with the factor r by which images grow.
  public init(_ factor: Int) {
    require(factor > 0, "PixelShuffle: the factor must be at least 1, got \(factor)")
    super.init("PixelShuffle \(factor)") { $0.pixelShuffle(factor) }
  }
}

/// Squares of r × r pixels gathered in channels: [N, C, H · r, W · r] gives [N, C · r², H, W]
/// (see `Variable.pixelUnshuffle`).
public final class PixelUnshuffle: FunctionLayer {
  /// Creates the layer with the factor r by which images shrink.
  public init(_ factor: Int) {
    require(factor > 0, "PixelUnshuffle: the factor must be at least 1, got \(factor)")
    super.init("PixelUnshuffle \(factor)") { $0.pixelUnshuffle(factor) }
  }
}

/// Elements added around the last axes (see `Variable.pad`). PyTorch's `ZeroPad2d`, `ReflectionPad2d` and the like.
public final class Pad: FunctionLayer {
  /// Creates the layer. `padding` has a pair for each axis from the last one backwards: left, right, top, bottom, …
  public init(_ padding: [Int], mode: Variable.PaddingMode = .constant(0)) {
    require(padding.count % 2 == 0, "Pad: wants a pair for each axis, got \(padding)")
    super.init("Pad \(padding)") { $0.pad(padding, mode: mode) }
  }
}

/// Channels in the order of their positions in groups (see `Variable.channelShuffle`). PyTorch's `ChannelShuffle`.
public final class ChannelShuffle: FunctionLayer {
  /// Creates the layer with the number of groups.
  public init(groups: Int) {
    require(groups > 0, "ChannelShuffle: wants at least one group, got \(groups)")
    super.init("ChannelShuffle \(groups)") { $0.channelShuffle(groups: groups) }
  }
}

/// Windows of images as columns: [N, C, H, W] gives [N, C · height · width, windows] (see `Variable.unfold`).
/// PyTorch's `Unfold`.
public final class Unfold: FunctionLayer {
  /// Creates the layer.
  public init(_ kernel: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) {
    super.init("Unfold \(kernel)") { $0.unfold(kernel, dilation: dilation, padding: padding, stride: stride) }
  }
}

/// Columns added up to images of a size: [N, C · height · width, windows] gives [N, C, H, W] (see
/// `Variable.fold`). PyTorch's `Fold`.
public final class Fold: FunctionLayer {
  /// Creates the layer.
  public init(_ size: Pair, kernel: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) {
    super.init("Fold \(kernel) to \(size)") {
      $0.fold(size, kernel: kernel, dilation: dilation, padding: padding, stride: stride)
    }
  }
}
