import Synchronization

extension Variable {
  /// Calls `hook` with every gradient that reaches this variable in a backward pass, before it is used: the hook may
  /// return another of the same shape and type in its place, or `nil` to leave it.
  ///
  /// ```swift
  /// let hook = hidden.addGradientHook { g in g.clamp(min: -1, max: 1) }
  /// loss.backward()
  /// hook.remove()
  /// ```
  ///
  /// A leaf's hooks get the sum of a pass before it is added to `grad`; a result's get it before it goes on to what the
  /// result was computed from. Several hooks run in the order they were added, each on what the one before returned;
  /// `grad` and `gradients(of:withRespectTo:)` show what the last one returned. What hooks compute is recorded
  /// only in a pass with `createGraph`.
  ///
  /// A hook lasts until it is removed, or as long as the variable's entry on the tape. The entry holds it: a hook that
  /// captures the variable itself, or anything computed from it, keeps both alive for good. Hooks run on the
  /// thread of the backward pass. A hook on a leaf that several threads differentiate at once may run on each of
  /// them at the same time, and may get a pass's sum in parts. Add hooks before a backward pass, not during one.
  /// PyTorch's `Tensor.register_hook`.
  ///
  /// Stops when the variable requires no gradient.
  @discardableResult
  public func addGradientHook(_ hook: @escaping (Variable) -> Variable?) -> GradientHook {
    guard let entry else {
      stop("addGradientHook: this variable of shape \(shape) requires no gradient, so none will reach it")
    }
    return GradientHook(entry.observerMadeIfNeeded, hook)
  }
}

/// A hook that was added to a variable, by which it can be removed.
public final class GradientHook: Sendable {
  private let observer: GradientObserver
  private let number: Int

  init(_ observer: GradientObserver, _ hook: @escaping (Variable) -> Variable?) {
    self.observer = observer
    number = observer.addHook(hook)
  }

  /// Removes the hook, which is then not called any more. Does nothing the second time.
  public func remove() { observer.removeHook(number) }
}

/// The hooks of one entry of the tape, in the order they were added.
struct GradientHooks {
  var present: [(number: Int, hook: (Variable) -> Variable?)] = []
  var addedSoFar = 0
}

extension GradientObserver {
  fileprivate func addHook(_ hook: @escaping (Variable) -> Variable?) -> Int {
    target.withLock { target in
      target.hooks.addedSoFar += 1
      target.hooks.present.append((target.hooks.addedSoFar, hook))
      hasHooks.store(true, ordering: .relaxed)
      return target.hooks.addedSoFar
    }
  }

  fileprivate func removeHook(_ number: Int) {
    target.withLock { target in
      target.hooks.present.removeAll { $0.number == number }
      hasHooks.store(!target.hooks.present.isEmpty, ordering: .relaxed)
    }
  }

  /// Passes a gradient through the hooks. They are called without the lock, so that one may remove itself.
  @inline(__always)
  func passedThroughHooks(_ gradient: consuming Variable) -> Variable {
    hasHooks.load(ordering: .relaxed) ? replacedByHooks(gradient) : gradient
  }

  private func replacedByHooks(_ gradient: Variable) -> Variable {
    target.withLock { $0.hooks.present }.reduce(gradient) { gradient, entry in
      // A hook before this one may have removed it.
      let isPresent = target.withLock { $0.hooks.present.contains { $0.number == entry.number } }
      guard isPresent, let replacement = entry.hook(gradient) else { return gradient }
      gradient.requireLike(replacement, "gradient hook: the gradient it gives")
      return replacement
    }
  }
}

extension TapeEntry {
  /// The observer of this entry's gradients, created if there is none yet.
  var observerMadeIfNeeded: GradientObserver {
    if let observer = node.pointee.observer { return observer }
    let observer = GradientObserver()
    node.pointee.observer = observer
    return observer
  }
}
