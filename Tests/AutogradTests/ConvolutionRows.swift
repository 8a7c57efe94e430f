import Autograd

// The rows of the table of ops on images: convolution and pooling.

let convolutionRows: [OpRow] = [
  .product(
    .conv2d, "",
    [
      [[2, 2, 4, 3], [2, 2, 3, 2], [2]], [[1, 1, 3, 3], [1, 1, 3, 3], [1]], [[0, 2, 3, 3], [2, 2, 2, 2], [2]],
    ]
  ) { $0[0].conv2d($0[1], bias: $0[2]) },
  .product(.conv2d, "without bias", [[[1, 2, 3, 4], [2, 2, 1, 1]], [[1, 1, 4, 4], [2, 1, 3, 3]]]) {
    $0[0].conv2d($0[1])
  },
  .product(.conv2d, "padding and stride", [[[1, 2, 5, 4], [2, 2, 3, 3], [2]]]) {
    $0[0].conv2d($0[1], bias: $0[2], stride: [2, 1], padding: [1, 2])
  },
  .product(.conv2d, "same size", [[[1, 2, 4, 3], [2, 2, 3, 3]], [[1, 1, 6, 5], [1, 1, 5, 5]]]) {
    $0[0].conv2d($0[1], padding: .same)
  },
  .product(.conv2d, "dilation", [[[1, 1, 5, 5], [2, 1, 2, 3]]]) { $0[0].conv2d($0[1], dilation: [3, 2]) },
  .product(.conv2d, "groups", [[[2, 4, 3, 3], [2, 2, 2, 2], [2]]]) { $0[0].conv2d($0[1], bias: $0[2], groups: 2) },
  .product(.conv2d, "each channel alone", [[[1, 3, 4, 4], [3, 1, 3, 3]]]) {
    $0[0].conv2d($0[1], padding: 1, groups: 3)
  },
  .one(.maxPool2d, "", [[2, 1, 4, 4], [1, 2, 3, 5], [0, 1, 2, 2]]) { $0.maxPool2d(2) },
  .one(.maxPool2d, "overlapping and padded", [[1, 2, 4, 5]]) { $0.maxPool2d(3, stride: [1, 2], padding: 1) },
  .one(.maxPool2d, "dilation and ceiling", [[1, 1, 6, 5]]) {
    $0.maxPool2d([2, 2], stride: 2, dilation: [2, 1], ceilMode: true)
  },
  .one(.avgPool2d, "", [[2, 1, 4, 4], [1, 2, 3, 5], [0, 1, 2, 2]]) { $0.avgPool2d(2) },
  .one(.avgPool2d, "overlapping and padded", [[1, 2, 4, 5]]) { $0.avgPool2d(3, stride: [1, 2], padding: 1) },
  .one(.avgPool2d, "without the padding, ceiling", [[1, 1, 5, 4]]) {
    $0.avgPool2d(3, stride: 2, padding: 1, ceilMode: true, countsPadding: false)
  },
  .one(.avgPool2d, "divisor", [[1, 1, 4, 4]]) { $0.avgPool2d(2, divisor: 3) },
]

let convolutionDerivatives: [DerivativePart] = [
  (.conv2dWeightGradient, { Variable(spread([1, 1, 4, 4])).conv2d(image($0)) }),
  (.maxPool2dBackward, { image($0).maxPool2d(2, stride: 1) }),
  (.avgPool2dBackward, { image($0).avgPool2d(2, stride: 1) }),
]

private func image(_ x: Variable) -> Variable { x.reshape([1, 1] + x.shape) }
