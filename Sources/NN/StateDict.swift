// A model's values by name, like PyTorch's `state_dict`.

/// Why values could not be loaded into a model.
public struct StateMismatch: Error, Equatable, CustomStringConvertible {
  /// Names of the model that no value was given for.
  public var missing: [String] = []
  /// Names that were given and that the model does not have.
  public var unexpected: [String] = []
  /// Names whose values have another shape than the model's.
  public var illShaped: [IllShaped] = []

  /// A value that does not fit.
  public struct IllShaped: Equatable, Sendable {
    /// The path of the parameter or buffer.
    public let name: String
    /// The shape that was given, and the model's.
    public let found, expected: Shape

    /// Creates an entry from the shapes found and expected under a name.
    public init(name: String, found: Shape, expected: Shape) {
      (self.name, self.found, self.expected) = (name, found, expected)
    }
  }

  /// Whether everything fits.
  public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && illShaped.isEmpty }

  /// Prefixes of given names under which all that the model has is there, if nothing is without: "module" in a file
  /// that was saved from PyTorch's `DataParallel`, "model" in a checkpoint that holds more than the model.
  public internal(set) var prefixes: [String] = []

  /// All three lists in one sentence; or instead what to do, if the names only have a prefix.
  public var description: String {
    if !prefixes.isEmpty {
      let quoted = prefixes.map { #""\#($0)""# }
      return "the names do not fit the model, whose values are all there under \(quoted.joined(separator: " and ")): "
        + "load with under: \(quoted[0])"
    }
    let shapes = illShaped.map { "\($0.name) \($0.found) for \($0.expected)" }
    let parts = [("missing", missing), ("unexpected", unexpected), ("ill-shaped", shapes)].filter { !$0.1.isEmpty }
    if parts.isEmpty { return "the values fit the model" }
    return "the values do not fit the model; "
      + parts.map { "\($0): \($1.joined(separator: ", "))" }.joined(separator: "; ")
  }
}

extension StateMismatch {
  fileprivate mutating func findPrefixes() {
    guard let first = missing.first else { return }
    let given = Set(unexpected)
    let candidates = unexpected.filter { $0.hasSuffix("." + first) }.map { String($0.dropLast(first.count + 1)) }
    prefixes = candidates.filter { prefix in missing.allSatisfy { given.contains(prefix + "." + $0) } }
  }
}

extension Model {
  /// The values of all parameters and buffers by their paths, each shared one once. Nothing is copied until one of them
  /// changes.
  public func stateDict() -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: walked().variables.map { ($0.name, $0.element.value) })
  }

  /// Sets parameters and buffers to values by name, converted to the types they have here and from the given layout of
  /// kernels. Shared variables may be given under any of their names.
  ///
  /// With `under`, only values whose names begin with that and a dot are taken, without both: `under: "module"` for a
  /// file saved from PyTorch's `DataParallel` or `DistributedDataParallel`, `under: "model.module"` if a checkpoint
  /// keeps that as its `model`. The part `_orig_mod`, which `torch.compile` puts into names, is always left out.
  ///
  /// If `strict`, throws a `StateMismatch` that lists everything missing, unexpected or ill-shaped, and then changes
  /// nothing; otherwise sets what fits and returns that list. Gradients and optimizers are not touched.
  @discardableResult
  public func load(
    _ state: [String: Tensor], under prefix: String? = nil, strict: Bool = true, layout: WeightLayout = .pyTorch
  ) throws -> StateMismatch {
    let walk = walked()
    let (variables, kernels) = (walk.variables, kernels)
    let state = walk.withFirstNames(state.withoutCompilation().named(under: prefix))
    var mismatch = StateMismatch()
    var fitting: [(Variable, Tensor)] = []
    for (name, variable) in variables.map({ ($0.name, $0.element) }) {
      guard var value = state[name] else {
        mismatch.missing.append(name)
        continue
      }
      if layout == .keras, kernels.contains(ObjectIdentifier(variable)) { value = value.fromKeras() }
      if value.shape == variable.shape {
        fitting.append((variable, value))
      } else {
        mismatch.illShaped.append(.init(name: name, found: value.shape, expected: variable.shape))
      }
    }
    mismatch.unexpected = Set(state.keys).subtracting(variables.map(\.name)).sorted()
    if mismatch.missing.count == variables.count { mismatch.findPrefixes() }
    if strict && !mismatch.isEmpty { throw mismatch }
    for (variable, value) in fitting { variable.value = value.cast(to: variable.dtype) }
    return mismatch
  }
}

// MARK: - Files and other libraries

/// The memory layout of the kernels of linear and convolution layers.
public enum WeightLayout: Sendable {
  /// [out, in] and [out, in / groups, height, width], as here.
  case pyTorch
  /// [in, out] and [height, width, in / groups, out], as in Keras and TensorFlow; for transposed
  /// convolutions [height, width, out, in].
  case keras
}

/// A layer whose weight Keras lays out differently.
protocol KernelLayer: Module {
  var weight: Variable { get }
}

extension Linear: KernelLayer {}
extension ConvolutionLayer: KernelLayer {}

extension Model {
  /// Writes `stateDict()` as a safetensors file, which PyTorch loads by name into the same architecture.
  public func save(toFile path: String, metadata: [String: String] = ["format": "pt"]) throws {
    try Safetensors(tensors: stateDict(), metadata: metadata).write(toFile: path)
  }

  /// Loads a safetensors file, such as `safetensors.torch.save_file(model.state_dict(), path)` writes, or one that
  /// `torch.save(model.state_dict(), path)` wrote (see `TorchArchive`). Options are those of
  /// `load(_:under:strict:layout:)`, such as `under: "model"` for a whole checkpoint; throws a `FileError` for a file
  /// that cannot be read.
  @discardableResult
  public func load(
    fromFile path: String, under prefix: String? = nil, strict: Bool = true, layout: WeightLayout = .pyTorch
  ) throws -> StateMismatch {
    let state =
      try TorchArchive.begins(file: path)
      ? TorchArchive(contentsOfFile: path).content.tensors : Safetensors(contentsOfFile: path).tensors
    return try load(state, under: prefix, strict: strict, layout: layout)
  }

  /// Loads values without names, one for each parameter and each float buffer in the order of declaration: what Keras's
  /// `get_weights()` returns.
  public func load(inOrder values: [Tensor], layout: WeightLayout = .keras) throws {
    let names = walked().variables.filter { $0.element.dtype.isFloatingPoint }.map(\.name)
    var state = stateDict()
    for name in names { state[name] = nil }
    for (number, value) in values.enumerated() {
      state[number < names.count ? names[number] : "value \(number)"] = value
    }
    // Values without a counterpart there stay, and have our layout.
    try load(state, layout: layout)
  }

  /// Another model of the same architecture, made by `make`, with copies of this one's values, modes and frozen
  /// parameters: a target network, a running average, the best so far.
  ///
  /// ```swift
  /// let target = net.copy { Net() }
  /// ```
  ///
  /// Swift cannot create an instance of a class without its initializer, so `make` does. Stops if its
  /// result has other names or shapes.
  public func copy<Copy: Model>(_ make: () -> Copy) -> Copy {
    let copy = make()
    do { try copy.load(stateDict()) } catch { stop("copy: \(error)") }
    for (to, from) in zip(copy.modules, modules) { to.element.isTraining = from.element.isTraining }
    for (to, from) in zip(copy.parameters, parameters) { to.element.requiresGrad = from.element.requiresGrad }
    return copy
  }

  private var kernels: Set<ObjectIdentifier> {
    Set(modules.compactMap { ($0.element as? KernelLayer)?.weight }.map(ObjectIdentifier.init))
  }
}

extension String {
  /// A name without the parts `_orig_mod`, which `torch.compile` puts before the names of the module that it wraps.
  package var withoutCompilation: String {
    contains("_orig_mod.") ? split(separator: ".").filter { $0 != "_orig_mod" }.joined(separator: ".") : self
  }

  /// A name that begins with a prefix and a dot, without both; nil for others.
  package func name(under prefix: String?) -> String? {
    guard let prefix = prefix.map({ $0 + "." }) else { return self }
    return hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}

extension [String: Tensor] {
  /// The values under names without the parts that `torch.compile` puts into them.
  fileprivate func withoutCompilation() -> Self {
    var result = self
    for (name, value) in self where name != name.withoutCompilation {
      result[name] = nil
      if result[name.withoutCompilation] == nil { result[name.withoutCompilation] = value }
    }
    return result
  }

  /// The values whose names begin with a prefix and a dot, without both.
  fileprivate func named(under prefix: String?) -> Self {
    Dictionary(uniqueKeysWithValues: compactMap { name, value in name.name(under: prefix).map { ($0, value) } })
  }
}

extension ReflectionWalk {
  /// Values under the first names of their variables: files of models with tied weights may use
  /// another name, or all of them.
  fileprivate func withFirstNames(_ state: [String: Tensor]) -> [String: Tensor] {
    if aliases.isEmpty { return state }
    var result = state
    for (key, value) in state {
      guard let (alias, name) = aliases.first(where: { key == $0.alias || key.hasPrefix($0.alias + ".") }) else {
        continue
      }
      result[key] = nil
      let first = name + key.dropFirst(alias.count)
      if result[first] == nil { result[first] = value }
    }
    return result
  }
}

extension Tensor {
  /// [kernel…, in, out] as [out, in, kernel…]. Others are left as they are, so that their shapes are reported.
  fileprivate func fromKeras() -> Tensor {
    rank < 2 ? self : permute([rank - 1, rank - 2] + Array(0..<(rank - 2))).contiguous()
  }
}
