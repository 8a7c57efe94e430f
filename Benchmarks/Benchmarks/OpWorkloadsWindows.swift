import NN

/// Convolution, pooling, resampling.
var windowOps: [Workload] {
  [
    op("conv1d", [sequences, Operand(64, 64, 3), Operand(64)]) { $0[0].conv1d($0[1], bias: $0[2], padding: 1) },
    op("conv2d", [images, Operand(64, 64, 3, 3), Operand(64)]) { $0[0].conv2d($0[1], bias: $0[2], padding: 1) },
    op("conv2d_stride", [images, Operand(64, 64, 3, 3), Operand(64)]) {
      $0[0].conv2d($0[1], bias: $0[2], stride: 2, padding: 1)
    },
    op("conv2d_pointwise", [images, Operand(256, 64, 1, 1), Operand(256)]) { $0[0].conv2d($0[1], bias: $0[2]) },
    op("conv2d_depthwise", [images, Operand(64, 1, 3, 3), Operand(64)]) {
      $0[0].conv2d($0[1], bias: $0[2], padding: 1, groups: 64)
    },
    op("conv3d", [Operand(2, 16, 32, 32, 32), Operand(16, 16, 3, 3, 3), Operand(16)]) {
      $0[0].conv3d($0[1], bias: $0[2], padding: 1)
    },
    op("conv_transpose1d", [sequences, Operand(64, 64, 4), Operand(64)]) {
      $0[0].convTranspose1d($0[1], bias: $0[2], stride: 2, padding: 1)
    },
    op("conv_transpose2d", [images, Operand(64, 32, 4, 4), Operand(32)]) {
      $0[0].convTranspose2d($0[1], bias: $0[2], stride: 2, padding: 1)
    },
    op("max_pool1d", [sequences]) { $0[0].maxPool1d(2) },
    op("max_pool2d", [images]) { $0[0].maxPool2d(2) },
    op("max_pool2d_overlapping", [images]) { $0[0].maxPool2d(3, stride: 2, padding: 1) },
    op("avg_pool1d", [sequences]) { $0[0].avgPool1d(2) },
    op("avg_pool2d", [images]) { $0[0].avgPool2d(2) },
    op("adaptive_avg_pool2d", [images]) { $0[0].adaptiveAvgPool2d(7) },
    op("adaptive_max_pool2d", [images]) { $0[0].adaptiveMaxPool2d(7) },
    op("interpolate_nearest", [Operand(16, 64, 16, 16)]) { $0[0].interpolate(size: [32, 32]) },
    op("interpolate_bilinear", [Operand(16, 64, 16, 16)]) { $0[0].interpolate(size: [32, 32], mode: .linear) },
    op("unfold", [Operand(4, 32, 32, 32)]) { $0[0].unfold(3, padding: 1) },
    op("fold", [Operand(4, 288, 1024)]) { $0[0].fold(32, kernel: 3, padding: 1) },
  ]
}

/// [N, C, L]
private let sequences = Operand(16, 64, 1000)
