// Functions that observe or replace a module's inputs and outputs, without the module's knowledge.

extension Module {
  /// Calls `hook` with every output of this module before the caller gets it: the hook may return a
  /// replacement, or `nil` to leave it.
  ///
  /// ```swift
  /// var features: Variable?
  /// let hook = net.body.addForwardHook { y in
  ///   features = y
  ///   return nil
  /// }
  /// _ = net(x)
  /// hook.remove()
  /// ```
  ///
  /// Several hooks run in the order they were added, each on what the one before returned. If a call returns several
  /// values, as an LSTM's output and states, a hook sees the first variable, and cannot replace it. What a `checkpoint`
  /// recomputes passes the hooks again.
  ///
  /// A hook lasts until it is removed, or as long as the module, which holds it: one that captures the module keeps it
  /// alive for good. Add and remove hooks while no other thread calls the module. To collect outputs of parts of a
  /// model see `activations(of:)`. PyTorch's `register_forward_hook`.
  @discardableResult
  public final func addForwardHook(_ hook: @escaping (_ output: Variable) -> Variable?) -> ModuleHook {
    addObserver { _, result in ModuleHooks.firstVariable(in: result).flatMap(hook) }
  }

  /// Calls `hook` with every input of this module before its work: the hook may return a
  /// replacement, or `nil` to leave it.
  ///
  /// It sees the input of calls with one input; a call that a module of several inputs declares itself stops. Otherwise
  /// it is like `addForwardHook`. PyTorch's `register_forward_pre_hook`.
  @discardableResult
  public final func addForwardPreHook(_ hook: @escaping (_ input: Variable) -> Variable?) -> ModuleHook {
    add { $0.before.append((owner: $1, hook: hook)) }
  }

  /// Calls `hook` with every input, if the call names it, and every result, of any type.
  final func addObserver(_ hook: @escaping (_ input: Variable?, _ result: Any) -> Variable?) -> ModuleHook {
    add { $0.after.append((owner: $1, hook: hook)) }
  }

  private func add(_ insert: (inout ModuleHooks, ModuleHook) -> Void) -> ModuleHook {
    let hook = ModuleHook(self)
    var all = hooks ?? ModuleHooks()
    insert(&all, hook)
    hooks = all
    return hook
  }

  /// Passes an input through the hooks.
  final func passedThroughPreHooks(_ input: Variable) -> Variable {
    (hooks?.before ?? []).reduce(input) { input, entry in entry.hook(input) ?? input }
  }

  /// Passes a result through the hooks.
  final func passedThroughHooks<Result>(_ result: Result, _ input: Variable?) -> Result {
    (hooks?.after ?? []).reduce(result) { result, entry in
      guard let replacement = entry.hook(input, result) else { return result }
      guard let replaced = replacement as? Result else {
        stop("a forward hook sees the first of several values that this call gives, and cannot replace it; return nil")
      }
      return replaced
    }
  }

  final func requireNoPreHooks() {
    require(
      hooks?.before.isEmpty != false,
      "a forward pre-hook sees the input of calls with one, and this call has a form of its own; "
        + "add the hook to what it calls"
    )
  }
}

/// A hook that was added to a module, by which it can be removed.
public final class ModuleHook {
  private weak var module: Module?

  fileprivate init(_ module: Module) { self.module = module }

  /// Removes the hook, which is then not called any more. Does nothing the second time.
  public func remove() { module?.hooks = module?.hooks?.without(self) }
}

/// The hooks of one module, in the order they were added.
struct ModuleHooks {
  var before: [(owner: ModuleHook, hook: (Variable) -> Variable?)] = []
  var after: [(owner: ModuleHook, hook: (_ input: Variable?, _ result: Any) -> Variable?)] = []

  /// All but one; nil if none is left, so that a call has nothing to check.
  fileprivate func without(_ hook: ModuleHook) -> ModuleHooks? {
    var rest = self
    rest.before.removeAll { $0.owner === hook }
    rest.after.removeAll { $0.owner === hook }
    return rest.before.isEmpty && rest.after.isEmpty ? nil : rest
  }

  /// A result, or the first variable of a result with several.
  static func firstVariable(in result: Any) -> Variable? {
    if let variable = result as? Variable { return variable }
    return Mirror(reflecting: result).children.lazy.compactMap { firstVariable(in: $0.value) }.first
  }
}

extension Model {
  /// Runs `body` and returns, beside its result, the outputs of modules that were called in it, in the order in which
  /// they finished: features from the middle of a model.
  ///
  /// ```swift
  /// let (scores, seen) = net.activations(of: ["layer3", "pool"]) { net(x) }
  /// seen[0].name, seen[0].element      // layer3, [N, 256, 14, 14]
  /// ```
  ///
  /// `names` are those of `modules`; by default all but the model itself. The variables have their graphs. A module
  /// that is called twice is listed twice; one with several outputs, with the first. Stops for a name that no module
  /// has. torchvision's `create_feature_extractor`.
  public func activations<Result>(
    of names: [String]? = nil, _ body: () throws -> Result
  ) rethrows -> (result: Result, activations: [Named<Variable>]) {
    let all = modules
    for name in names ?? [] {
      require(all.contains { $0.name == name }, "activations: \(type(of: self)) has no module \(name)")
    }
    let seen = Activations()
    let hooks = all.filter { names?.contains($0.name) ?? !$0.name.isEmpty }.map { part in
      part.element.addForwardHook { output in
        seen.all.append(Named(name: part.name, element: output))
        return nil
      }
    }
    defer { for hook in hooks { hook.remove() } }
    return (try body(), seen.all)
  }
}

private final class Activations {
  var all: [Named<Variable>] = []
}
