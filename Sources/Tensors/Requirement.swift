/// Stops the program with a sentence when the caller broke a rule.
///
/// Everything a programmer can get wrong ends here, because `precondition` drops its message in release builds and
/// `fatalError` keeps it. The message is built only when it is needed.
@inlinable
package func require(_ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String) {
  if !condition() { stop(message()) }
}

/// Stops the program with a sentence: `op: what is wanted, what was given`, led by the layer at work, if there is one.
@inline(never)
@usableFromInline
package func stop(_ message: String) -> Never {
  let layer = layerAtWork.withLock { $0 }()
  fatalError(layer.map { "\($0): \(message)" } ?? message)
}

/// Names the layer that this thread is executing, for the sentence of `stop`. The module NN sets it.
package let layerAtWork = Guarded<@Sendable () -> String?>({ nil })
