// Saturating arithmetic for sizes that depend on a caller's numbers: strides, paddings, counts. A result out of
// range becomes the largest `Int`, for which there is no memory, and so ends in a sentence; Swift's own
// operators would trap without one.

extension Int {
  /// The sum, or the largest (smallest) number where it is too large (small).
  package func plus(_ other: Int) -> Int {
    let (sum, isTooLarge) = addingReportingOverflow(other)
    return isTooLarge ? (other < 0 ? .min : .max) : sum
  }

  /// The product, or the largest (smallest) number where it is too large (small).
  package func times(_ other: Int) -> Int {
    let (product, isTooLarge) = multipliedReportingOverflow(by: other)
    return isTooLarge ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}

extension Sequence<Int> {
  /// The product of all, or the largest number where it is too large.
  package var product: Int { reduce(1) { $0.times($1) } }
}
