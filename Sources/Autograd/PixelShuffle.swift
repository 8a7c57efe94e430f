// Channels as pixels, and back.

extension Variable {
  /// Every r² channels spread over squares of r × r pixels: [..., C · r², H, W] gives [..., C, H · r, W · r].
  ///
  /// Channel c · r² + i · r + j becomes row i and column j of the squares of channel c. Stops unless r² divides the
  /// channels. Shi et al. 2016; PyTorch's `pixel_shuffle`.
  public func pixelShuffle(_ factor: Int) -> Variable {
    let area = factor.times(factor)
    require(
      factor > 0 && rank >= 3 && shape[-3] % area == 0,
      "pixelShuffle: wants images [..., C · \(factor)², H, W], got \(shape)")
    let (lead, channels, height, width) = (Array(shape.dropLast(3)), shape[-3] / area, shape[-2], shape[-1])
    let n = lead.count
    return reshape(Shape(lead + [channels, factor, factor, height, width]))
      .permute(Array(0...n) + [n + 3, n + 1, n + 4, n + 2])
      .reshape(Shape(lead + [channels, height * factor, width * factor]))
  }

  /// Squares of r × r pixels gathered in r² channels: [..., C, H · r, W · r] gives
  /// [..., C · r², H, W]. Undoes `pixelShuffle`.
  ///
  /// Stops unless r divides both axes. PyTorch's `pixel_unshuffle`.
  public func pixelUnshuffle(_ factor: Int) -> Variable {
    require(
      factor > 0 && rank >= 3 && shape[-2] % factor == 0 && shape[-1] % factor == 0,
      "pixelUnshuffle: wants images [..., C, H · \(factor), W · \(factor)], got \(shape)")
    let (lead, channels) = (Array(shape.dropLast(3)), shape[-3])
    let (n, height, width) = (lead.count, shape[-2] / factor, shape[-1] / factor)
    return reshape(Shape(lead + [channels, height, factor, width, factor]))
      .permute(Array(0...n) + [n + 2, n + 4, n + 1, n + 3])
      .reshape(Shape(lead + [channels.times(factor).times(factor), height, width]))
  }

  /// Channels in the order of their positions in `groups` groups: the first of each, then the second of each, …:
  /// [N, C, ...].
  ///
  /// Stops unless the groups divide the channels. Zhang et al. 2017; PyTorch's `channel_shuffle`.
  public func channelShuffle(groups: Int) -> Variable {
    require(
      groups > 0 && rank >= 2 && shape[1] % groups == 0,
      "channelShuffle: wants [N, C, ...] whose channels \(groups) groups divide, got \(shape)")
    let rest = shape.dropFirst(2).product
    return reshape([shape[0], groups, shape[1] / groups, rest] as Shape).transpose(1, 2).reshape(shape)
  }
}
