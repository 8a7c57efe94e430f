import Kernels

extension Tensor {
  /// Checks that dense int64 labels lie in 0..<classes or are `ignoreIndex`. Returns whether
  /// one of them is `ignoreIndex`.
  @discardableResult
  package func checkLabels(_ op: String, classes: Int, ignoreIndex: Int? = nil) -> Bool {
    withPointer { start in
      let labels = UnsafeBufferPointer(start: start.assumingMemoryBound(to: Int.self), count: elementCount)
      var isAnyIgnored = false
      for (row, label) in labels.enumerated() where label < 0 || label >= classes || label == ignoreIndex {
        require(label == ignoreIndex, "\(op): label \(label) in row \(row) is out of range for \(classes) classes")
        isAnyIgnored = true
      }
      return isAnyIgnored
    }
  }

  /// For each row of scores [N, C] its loss −log softmax[label], and in [N, 2] its largest
  /// score and log Σ exp(x − largest).
  package func crossEntropy(_ labels: Tensor) -> (losses: Tensor, logSums: Tensor) {
    let losses = Tensor(uninitialized: Shape(shape[0]), dtype: dtype)
    let logSums = Tensor(uninitialized: Shape(shape[0], 2), dtype: dtype)
    contiguous().withPointer { x in
      labels.withPointer { labels in
        losses.withWritablePointer { losses in
          logSums.withWritablePointer { logSums in
            ag_cross_entropy(
              dtype.kernel, shape[0], shape[1], x, labels.assumingMemoryBound(to: Int64.self), losses, logSums)
          }
        }
      }
    }
    return (losses, logSums)
  }

  /// (softmax − [label]) · dLoss for each row.
  package func crossEntropyBackward(_ labels: Tensor, _ logSums: Tensor, _ dLosses: Tensor) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    contiguous().withPointer { x in
      labels.withPointer { labels in
        logSums.withPointer { logSums in
          // The gradient of a mean is one number, repeated with stride 0.
          dLosses.withPointer { start in
            result.withWritablePointer {
              ag_cross_entropy_backward(
                dtype.kernel, shape[0], shape[1], x, labels.assumingMemoryBound(to: Int64.self), logSums, start,
                dLosses.strides[0], $0)
            }
          }
        }
      }
    }
    return result
  }
}
