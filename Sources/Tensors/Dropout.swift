import Kernels

extension Tensor {
  /// Each element kept with a probability and divided by it, or set to 0; and the mask of those kept, as bool.
  package func dropout(keeping probability: Double, generator: RandomGenerator) -> (value: Tensor, mask: Tensor) {
    let place = generator.take(blocks: (elementCount + 3) / 4)
    let (value, mask) = (Tensor(uninitialized: shape, dtype: dtype), Tensor(uninitialized: shape, dtype: .bool))
    contiguous().withPointer { x in
      value.withWritablePointer {
        ag_dropout(dtype.kernel, elementCount, place.seed, place.offset, probability, x, $0, mask.elements())
      }
    }
    return (value, mask)
  }

  /// The elements that `mask` kept, divided by the probability; 0 for the others.
  package func dropoutBackward(mask: Tensor, keeping probability: Double) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    contiguous().withPointer { dy in
      result.withWritablePointer {
        ag_dropout_backward(dtype.kernel, elementCount, probability, mask.elements(), dy, $0)
      }
    }
    return result
  }
}
