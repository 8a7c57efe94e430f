/// The name of every differentiable op, as listings, pictures and messages show it.
///
/// The tests compare their table of ops with this list: an op without a gradient check fails there.
package enum Op: String, Sendable, CaseIterable {
  case leaf

  // Arithmetic
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case negate
  case quotientOrZero
  case pow
  case maximum, minimum

  // Functions of each element
  case abs, exp, expm1, log, log1p, log2, sqrt, rsqrt, square, reciprocal, erf
  case sin, cos, tan, asin, acos, atan, atan2, sinh, cosh
  case asinh, acosh, atanh, exp2, log10, sinc, erfc, erfinv, logit, lgamma, digamma, polygamma
  case hypot, logAddExp, xlogy
  case remainder, fmod, fmax, fmin, copySign
  case tanh, tanhBackward
  case sigmoid, sigmoidBackward
  case relu, reluBackward
  case dropout
  case leakyRelu, elu, celu, selu, softplus, logSigmoid, silu, gelu, mish, tanhShrink, hardSigmoid, hardSwish
  case clamp, lerp
  case `where`
  case cast

  // Reductions, scans, sorting
  case sum, mean, max, min, logSumExp, prod, variance, standardDeviation, norm
  case cumsum, cumprod, logCumSumExp, recurrence
  case scatterReduce

  // Softmax, normalization, attention, distances
  case softmax, softmaxBackward
  case logSoftmax, logSoftmaxBackward
  case crossEntropy, crossEntropyBackward
  case binaryCrossEntropy
  case layerNorm, rmsNorm, planeNorm, channelAffine, cdist

  // Products
  case matmul, linear, dot

  // Recurrent cells over sequences
  case rnn, lstm, gru

  // Convolution, pooling, resampling
  case conv2d, conv2dInputGradient, conv2dWeightGradient
  case maxPool2d, maxPool2dBackward, maxUnpool2d
  case avgPool2d, avgPool2dBackward
  case gridSample, gridSampleSpread, gridSampleDot

  // Shapes and positions
  case reshape, transpose, permute, flip, expand, unsqueeze, squeeze, sumToShape
  case slice, sliceBackward
  case indexSelect, indexAdd
  case gather, scatterAdd
  case concatenate, stack
  case pad
  case diagonal, diagonalBackward, triangle, roll

  // Linear algebra
  case inverse, solve, solveTriangular, det, slogdet, cholesky
  case eigenvalues = "eigh", eigenvectors
  case singularValues = "svd", leftSingularVectors, rightSingularVectors
  case qrQ = "qr", qrR
  case lowerFactor = "lu", upperFactor

  // Transforms
  case input, standIn
  case custom, part
  case checkpoint
}
