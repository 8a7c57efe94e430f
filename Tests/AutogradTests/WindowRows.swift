import Autograd

// Rows of the table of ops: convolution, pooling and resampling, and their misuse.

let windowRows: [OpRow] = convolutionRows1D3D + transposedRows + poolingRows1D + morePoolingRows + resamplingRows

let windowDerivatives: [DerivativePart] = [
  (.gridSampleSpread, { sampled($0) }),
  (.gridSampleDot, { sampled($0) }),
]

/// A picture of two rows, looked at between its pixels, at positions that depend on it.
private func sampled(_ x: Variable) -> Variable {
  x.reshape([1, 1, 2, 3]).gridSample((x[0..., 0..<2] * 0.3).reshape([1, 1, 2, 2]))
}

private let convolutionRows1D3D: [OpRow] = [
  .product(.conv2d, "conv1d", [[[2, 2, 5], [3, 2, 3], [3]], [[2, 4], [1, 2, 2], [1]]]) {
    $0[0].conv1d($0[1], bias: $0[2], padding: 1)
  },
  .product(.conv2d, "conv1d, strided groups", [[[2, 4, 7], [2, 2, 3]]]) {
    $0[0].conv1d($0[1], stride: 2, padding: .same, dilation: 2, groups: 2)
  },
  .product(.conv2d, "one image", [[[2, 4, 4], [2, 2, 3, 3]]]) { $0[0].conv2d($0[1], padding: 1) },
  .product(.conv2d, "conv3d", [[[1, 2, 3, 3, 4], [2, 2, 2, 2, 2], [2]], [[1, 3, 2, 2], [1, 1, 2, 2, 1], [1]]]) {
    $0[0].conv3d($0[1], bias: $0[2], padding: [1, 0, 1])
  },
  .product(.conv2d, "conv3d, strided groups", [[[1, 2, 4, 3, 4], [2, 1, 2, 3, 2]]]) {
    $0[0].conv3d($0[1], stride: [2, 1, 2], padding: .same, dilation: [1, 1, 2], groups: 2)
  },
]

private let transposedRows: [OpRow] = [
  .product(
    .conv2dInputGradient, "convTranspose2d", [[[2, 2, 3, 3], [2, 3, 2, 3], [3]], [[1, 2, 2], [1, 1, 2, 2], [1]]]
  ) {
    $0[0].convTranspose2d($0[1], bias: $0[2])
  },
  .product(.conv2dInputGradient, "convTranspose2d, strided groups", [[[1, 4, 3, 2], [4, 1, 3, 2]]]) {
    $0[0].convTranspose2d(
      $0[1], stride: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: 2, dilation: [1, 2])
  },
  .product(
    .conv2dInputGradient, "convTranspose3d",
    [[[2, 2, 2, 1, 3], [2, 3, 2, 2, 1], [3]], [[4, 2, 1, 2], [4, 3, 1, 1, 2], [3]]]
  ) {
    $0[0].convTranspose3d($0[1], bias: $0[2], stride: [2, 1, 2], outputPadding: [1, 0, 0])
  },
  .product(.conv2dInputGradient, "convTranspose1d", [[[2, 2, 4], [2, 3, 3], [3]], [[2, 4], [2, 1, 2], [1]]]) {
    $0[0].convTranspose1d($0[1], bias: $0[2], stride: 2, padding: 1, outputPadding: 1)
  },
]

private let poolingRows1D: [OpRow] = [
  .one(.maxPool2d, "maxPool1d", [[2, 2, 7], [2, 5]]) { $0.maxPool1d(3, stride: 2, padding: 1, ceilMode: true) },
  .one(.maxPool2d, "a window wider than the image", [[1, 2, 3]]) { $0.maxPool1d(4, stride: 2, ceilMode: true) },
  .one(.maxPool2d, "one image", [[2, 4, 4]]) { $0.maxPool2d(2) },
  .one(.avgPool2d, "avgPool1d", [[2, 2, 7], [2, 5]]) {
    $0.avgPool1d(3, stride: 2, padding: 1, ceilMode: true, countsPadding: false)
  },
  .one(.avgPool2d, "adaptive", [[2, 2, 4, 6], [1, 4, 2]]) { $0.adaptiveAvgPool2d([2, 1]) },
  .one(.mean, "adaptiveAvgPool2d", [[2, 2, 4, 5], [1, 5, 4]]) { $0.adaptiveAvgPool2d(1) },
  .one(.matmul, "adaptiveAvgPool2d", [[2, 2, 4, 5], [1, 5, 4]]) { $0.adaptiveAvgPool2d([3, 2]) },
  .one(.maxPool2d, "adaptive", [[2, 2, 4, 5], [1, 5, 4]]) { $0.adaptiveMaxPool2d([3, 2]) },
]

private let resamplingRows: [OpRow] = [
  .one(.maxPool2d, "maxPool3d", [[1, 2, 3, 4, 3], [2, 3, 2, 3]]) {
    $0.maxPool3d([2, 2, 1], stride: 1, padding: [1, 0, 0])
  },
  .one(.avgPool2d, "avgPool3d", [[1, 2, 3, 4, 3], [2, 3, 2, 3]]) {
    $0.avgPool3d(2, padding: 1, countsPadding: false)
  },
  OpRow(.gridSample, "", [[[1, 2, 3, 4], [1, 2, 2, 2]], [[2, 1, 2, 2], [2, 1, 3, 2]]], -0.95...0.95) {
    $0[0].gridSample($0[1])
  },
  .one(.gridSample, "nearest", [[2, 1, 3, 2]]) {
    $0.gridSample(Variable(spread([2, 2, 1, 2]).cast(to: $0.dtype)), mode: .nearest, padding: .border)
  },
  .one(.matmul, "affineGrid", [[1, 2, 3], [2, 2, 3]]) { $0.affineGrid([2, 3]) },
  .one(.indexSelect, "interpolate, nearest", [[1, 2, 3, 4], [2, 1, 2, 2]]) { $0.interpolate(size: [5, 3]) },
  .one(.indexSelect, "interpolate, linear", [[1, 2, 3, 4]]) { $0.interpolate(scale: [1.6, 0.7], mode: .linear) },
  .one(.indexSelect, "interpolate, corners", [[1, 2, 3, 4]]) {
    $0.interpolate(size: [5, 1], mode: .linear, alignCorners: true)
  },
  .one(.indexSelect, "interpolate a sequence", [[1, 2, 4]]) { $0.interpolate(scale: [2], mode: .linear) },
  .one(.indexSelect, "unfold", [[2, 2, 4, 5], [1, 3, 4]]) {
    $0.unfold([2, 3], dilation: [2, 1], padding: 1, stride: [1, 2])
  },
  .one(.indexAdd, "fold", [[2, 12, 4], [6, 4]]) {
    $0.fold([3, 4], kernel: [2, 3], padding: [1, 0], stride: [2, 1])
  },
]

private let morePoolingRows: [OpRow] = [
  OpRow(.gridSample, "cubic, reflected", [[[1, 2, 3, 4], [1, 2, 2, 2]]], -1.9...1.9) {
    $0[0].gridSample($0[1], mode: .cubic, padding: .reflection, alignCorners: true)
  },
  .one(.maxPool2d, "with indices", [[1, 2, 5, 4], [2, 4, 5]]) {
    $0.maxPool2dWithIndices(3, stride: 2, padding: 1).values
  },
  .one(.maxUnpool2d, "", [[1, 2, 2, 2], [2, 2, 2], [0, 1, 2, 2]]) { x in
    let places = (0..<x.elementCount).map { [0, 3, 9, 11][$0 % 4] }
    return x.maxUnpool2d(Tensor(places, shape: x.shape), kernel: 2, size: [3, 4])
  },
  .one(.pow, "lpPool2d", [[1, 2, 4, 5]], 0.3...2) { $0.lpPool2d(3, kernel: 2) },
  .one(.pow, "lpPool1d", [[2, 1, 6], [2, 5]], 0.3...2) { $0.lpPool1d(1.5, kernel: 3, stride: 2) },
  .one(.matmul, "adaptiveAvgPool1d", [[2, 1, 5], [2, 5]]) { $0.adaptiveAvgPool1d(3) },
  .one(.maxPool2d, "adaptiveMaxPool1d", [[2, 1, 5], [2, 5]]) { $0.adaptiveMaxPool1d(3) },
  .one(.matmul, "adaptiveAvgPool3d", [[1, 2, 3, 4, 3], [1, 4, 3, 2]]) { $0.adaptiveAvgPool3d([2, 3, 2]) },
  .one(.maxPool2d, "adaptiveMaxPool3d", [[1, 2, 3, 4, 3], [1, 4, 3, 2]]) { $0.adaptiveMaxPool3d([2, 3, 2]) },
  .one(.transpose, "channelShuffle", [[2, 6, 2], [1, 4]]) { $0.channelShuffle(groups: 2) },
  .one(.indexSelect, "interpolate, cubic", [[1, 2, 3, 4]]) { $0.interpolate(size: [5, 3], mode: .cubic) },
  .one(.indexSelect, "embeddingBag", [[4, 2], [5, 3]]) {
    $0.embeddingBag(Tensor([[0, 3, 1], [1, 2, 1]], dtype: .int64), paddingIndex: 1)
  },
  OpRow(.indexAdd, "embeddingBag, with weights and offsets", [[[4, 2], [5]], [[5, 3], [5]]]) {
    $0[0].embeddingBag(Tensor([0, 3, 1, 3, 2], dtype: .int64), offsets: [0, 2, 2], mode: .sum, weights: $0[1])
  },
  .one(.gather, "embeddingBag, largest", [[4, 2], [5, 3]]) {
    $0.embeddingBag(Tensor([0, 3, 1, 3, 2], dtype: .int64), offsets: [0, 3, 3], mode: .max, paddingIndex: -1)
  },
]

// MARK: - Mistakes

let windowMistakes: [Mistake] = [
  Mistake("maxUnpool2d: wants [N, C, H, W] or [C, H, W] and indices of that shape, got [2, 2] and [2, 2]") {
    _ = variable([2, 2]).maxUnpool2d(Tensor.zeros([2, 2], dtype: .int64), kernel: 2)
  },
  Mistake("maxUnpool2d: position 4 (entry 0 of the index) is out of range for axis 1 of [1, 4]") {
    _ = variable([1, 1, 1]).maxUnpool2d(Tensor([[[4]]], dtype: .int64), kernel: 2)
  },
  Mistake("maxUnpool2d: the index must be int64 or int32, got float32") {
    _ = variable([1, 1, 1]).maxUnpool2d(Tensor([[[0]]]), kernel: 2)
  },
  Mistake("lpPool2d: the power must not be 0") { _ = variable([1, 1, 2, 2]).lpPool2d(0, kernel: 2) },
  Mistake("adaptiveAvgPool3d: wants volumes and outputs that are not empty, got [1, 2, 2, 2] and 2×0×2") {
    _ = variable([1, 2, 2, 2]).adaptiveAvgPool3d([2, 0, 2])
  },
  Mistake("channelShuffle: wants [N, C, ...] whose channels 4 groups divide, got [2, 6]") {
    _ = variable([2, 6]).channelShuffle(groups: 4)
  },
  Mistake("interpolate: the mode .cubic wants images [N, C, H, W], got [1, 1, 4]") {
    _ = variable([1, 1, 4]).interpolate(size: [2], mode: .cubic)
  },
  Mistake("embeddingBag: index 4 (number 1) is out of range for a table of 4 rows") {
    _ = variable([4, 2]).embeddingBag(Tensor([[0, 4]], dtype: .int64))
  },
  Mistake("embeddingBag: offsets begin with 0 and rise to at most 2, the number of indices, got [0, 2, 1]") {
    _ = variable([4, 2]).embeddingBag(Tensor([0, 1], dtype: .int64), offsets: [0, 2, 1])
  },
  Mistake("embeddingBag: wants indices [bags, n], or a vector with offsets, got [2]") {
    _ = variable([4, 2]).embeddingBag(Tensor([0, 1], dtype: .int64))
  },
  Mistake("embeddingBag: weights go with the mode .sum, got .mean") {
    _ = variable([4, 2]).embeddingBag(Tensor([[0, 1]], dtype: .int64), weights: variable([1, 2]))
  },
  Mistake("conv1d: wants an input of 3 axes (or 2 without a batch) and a weight of 3, got [2] and [1, 1, 2]") {
    _ = variable([2]).conv1d(variable([1, 1, 2]))
  },
  Mistake("conv1d: the weight [4, 3, 2] in 2 groups does not fit an input [1, 4, 5] with 4 channels") {
    _ = variable([1, 4, 5]).conv1d(variable([4, 3, 2]), groups: 2)
  },
  Mistake("conv1d: the kernel spans [5], which does not fit the padded input of [4]") {
    _ = variable([1, 2, 4]).conv1d(variable([1, 2, 3]), dilation: 2)
  },
  Mistake("conv1d: the bias must have shape [1], got [2]") {
    _ = variable([1, 2, 4]).conv1d(variable([1, 2, 3]), bias: variable([2]))
  },
  Mistake("maxPool3d: wants an input of 5 axes, or 4 without a batch, got [2, 3, 4]") {
    _ = variable([2, 3, 4]).maxPool3d(2)
  },
  Mistake("avgPool3d: padding must be at most half of the kernel, which spans 2×1, got 2×0") {
    _ = variable([1, 4, 4, 4]).avgPool3d(2, padding: [2, 0, 0])
  },
  Mistake(
    "gridSample: wants images [N, C, H, W] that are not empty and a grid [N, H', W', 2], "
      + "got [1, 2, 3, 4] and [2, 2, 2, 2]"
  ) {
    _ = variable([1, 2, 3, 4]).gridSample(variable([2, 2, 2, 2]))
  },
  Mistake("gridSample: wants float32 or float64, got int64 [1, 1, 2, 2]") {
    _ = variable([1, 1, 2, 2], .int64).gridSample(variable([1, 1, 1, 2]))
  },
  Mistake("gridSample: types differ, got float32 [1, 2, 3, 4] and float64 [1, 2, 2, 2]") {
    _ = variable([1, 2, 3, 4]).gridSample(variable([1, 2, 2, 2], .float64))
  },
  Mistake("affineGrid: wants maps [N, 2, 3] and a size of at least 1×1, got [2, 3] and 2×2") {
    _ = variable([2, 3]).affineGrid(2)
  },
  Mistake("convTranspose3d: an axis of 1 with padding 2 and a kernel of 3 leaves no output") {
    _ = variable([1, 1, 1, 4, 4]).convTranspose3d(variable([1, 1, 3, 3, 3]), padding: [2, 0, 0])
  },
  Mistake("interpolate: alignCorners goes with the modes .linear and .cubic, got .nearest") {
    _ = variable([1, 1, 4]).interpolate(size: [2], alignCorners: true)
  },
  Mistake("conv3d: stride, dilation and groups must be at least 1, got [0, 0, 0, 1, 1, 1, 1]") {
    _ = variable([1, 2, 4, 4, 4]).conv3d(variable([1, 2, 3, 3, 3]), stride: 0)
  },
  Mistake("conv3d: padding must be one number or 3, none negative, got [1, 2]") {
    _ = variable([1, 2, 4, 4, 4]).conv3d(variable([1, 2, 3, 3, 3]), padding: [1, 2])
  },
  Mistake("conv3d: types differ, got float32 [1, 2, 4, 4, 4] and float64 [1, 2, 3, 3, 3]") {
    _ = variable([1, 2, 4, 4, 4]).conv3d(variable([1, 2, 3, 3, 3], .float64))
  },
  Mistake("convTranspose2d: outputPadding must be smaller than the stride or the dilation, got 2") {
    _ = variable([1, 2, 4, 4]).convTranspose2d(variable([2, 1, 3, 3]), stride: 2, outputPadding: 2)
  },
  Mistake("convTranspose2d: the weight [3, 1, 2, 2] in 1 groups does not fit an input [1, 2, 4, 4] with 2 channels") {
    _ = variable([1, 2, 4, 4]).convTranspose2d(variable([3, 1, 2, 2]))
  },
  Mistake("convTranspose2d: an axis of 1 with padding 3 and a kernel of 2 leaves no output") {
    _ = variable([1, 1, 1, 1]).convTranspose2d(variable([1, 1, 2, 2]), padding: 3)
  },
  Mistake("convTranspose1d: wants an input of 3 axes (or 2 without a batch) and a weight of 3, got [2] and [2, 1, 2]") {
    _ = variable([2]).convTranspose1d(variable([2, 1, 2]))
  },
  Mistake("convTranspose1d: padding must not be negative, got -1") {
    _ = variable([1, 2, 4]).convTranspose1d(variable([2, 1, 2]), padding: -1)
  },
  Mistake("convTranspose1d: wants float32 or float64, got int64 [1, 2, 4]") {
    _ = variable([1, 2, 4], .int64).convTranspose1d(variable([2, 1, 2], .int64))
  },
  Mistake("maxPool1d: wants an input of 3 axes, or 2 without a batch, got [4]") {
    _ = variable([4]).maxPool1d(2)
  },
  Mistake("maxPool1d: padding must be at most half of the kernel") {
    _ = variable([1, 1, 4]).maxPool1d(2, padding: 2)
  },
  Mistake("maxPool1d: kernel, stride and dilation must be at least 1") {
    _ = variable([1, 1, 4]).maxPool1d(0)
  },
  Mistake("avgPool1d: wants an input of 3 axes, or 2 without a batch, got [1, 1, 2, 2]") {
    _ = variable([1, 1, 2, 2]).avgPool1d(2)
  },
  Mistake("avgPool1d: a kernel that spans 5 does not fit 4 pixels with padding 0") {
    _ = variable([1, 1, 4]).avgPool1d(5)
  },
  Mistake("avgPool1d: kernel, stride and dilation must be at least 1") {
    _ = variable([1, 1, 4]).avgPool1d(2, stride: 0)
  },
  Mistake("adaptiveAvgPool2d: wants an input of 4 axes, or 3 without a batch, got [4, 4]") {
    _ = variable([4, 4]).adaptiveAvgPool2d(2)
  },
  Mistake("adaptiveAvgPool2d: wants images and outputs that are not empty, got [1, 1, 4, 4] and 0×0") {
    _ = variable([1, 1, 4, 4]).adaptiveAvgPool2d(0)
  },
  Mistake("adaptiveMaxPool2d: wants images and outputs that are not empty, got [1, 1, 0, 4] and 1×1") {
    _ = variable([1, 1, 0, 4]).adaptiveMaxPool2d(1)
  },
  Mistake("adaptiveMaxPool2d: wants an input of 4 axes, or 3 without a batch, got [4]") {
    _ = variable([4]).adaptiveMaxPool2d(2)
  },
  Mistake("interpolate: wants an input [N, C, ...], got [3, 4]") { _ = variable([3, 4]).interpolate(size: [2]) },
  Mistake("interpolate: wants one size for all axes behind [N, C] or one for each, got [2, 2, 2] for [1, 1, 4, 4]") {
    _ = variable([1, 1, 4, 4]).interpolate(size: [2, 2, 2])
  },
  Mistake("interpolate: factors [1e+300] must make each axis of [1, 1, 4, 4] at least 1 long, and less than 2^31") {
    _ = variable([1, 1, 4, 4]).interpolate(scale: [1e300])
  },
  Mistake("interpolate: sizes must be positive and less than 2^31, got [4294967296]") {
    _ = variable([1, 1, 4, 4]).interpolate(size: [1 << 32])
  },
  Mistake("interpolate: factors [0.1] must make each axis of [1, 1, 4, 4] at least 1 long, and less than 2^31") {
    _ = variable([1, 1, 4, 4]).interpolate(scale: [0.1])
  },
  Mistake("interpolate: sizes must be positive and less than 2^31, got [0]") {
    _ = variable([1, 1, 4]).interpolate(size: [0])
  },
  Mistake("unfold: wants images [N, C, H, W] or one [C, H, W], got [4, 4]") { _ = variable([4, 4]).unfold(2) },
  Mistake("unfold: the kernel spans 5×5 pixels, which does not fit the padded image of 4×4") {
    _ = variable([1, 1, 4, 4]).unfold(5)
  },
  Mistake("unfold: kernel, dilation and stride must be at least 1") {
    _ = variable([1, 1, 4, 4]).unfold(2, stride: 0)
  },
  Mistake("fold: images of 3×3 have 4 windows of 4 elements a channel, got columns [1, 4, 5]") {
    _ = variable([1, 4, 5]).fold(3, kernel: 2)
  },
  Mistake("fold: wants columns [N, C · kernel, windows] or without N, got [4]") {
    _ = variable([4]).fold(3, kernel: 2)
  },
  Mistake("fold: the kernel spans 4×4 pixels, which does not fit the padded image of 3×3") {
    _ = variable([1, 16, 1]).fold(3, kernel: 4)
  },
]
