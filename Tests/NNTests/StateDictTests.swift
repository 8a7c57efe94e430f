import Foundation
import NN
import Testing

@Suite struct StateDictTests {
  private func net(_ seed: UInt64) -> Sequential {
    let generator = RandomGenerator(seed: seed)
    return Sequential(Linear(3, 4, generator: generator), BatchNorm1D(4), Linear(4, 2, generator: generator))
  }

  @Test func valuesMoveByName() throws {
    let (from, to) = (net(1), net(2))
    let x = Tensor.randomNormal([6, 3], generator: RandomGenerator(seed: 3))
    _ = from(x)
    #expect(try to.load(from.stateDict()).isEmpty)
    #expect(from.eval()(x).value == to.eval()(x).value)
    #expect(to.stateDict()["1.num_batches_tracked"] == Tensor(1 as Int64))
    // Loaded values are independent: training one model leaves the other unchanged.
    to.parameters[0].element.value += 1
    #expect(from.parameters[0].element.value != to.parameters[0].element.value)
  }

  @Test func typesAreTheModels() throws {
    let layer = Linear(2, 1)
    try layer.load(["weight": float64([[1, 2]]), "bias": Tensor([3])])
    #expect(layer.weight.value == Tensor([[1, 2]]) && layer.weight.dtype == .float32)
  }

  @Test func allThatDoesNotFitIsListedAtOnce() {
    let net = net(1)
    var state = net.stateDict()
    state["0.bias"] = nil
    state["1.running_mean"] = nil
    state["head.weight"] = .zeros([1])
    state["2.weight"] = .zeros([4, 2])
    let before = net.stateDict()
    let error = #expect(throws: StateMismatch.self) { try net.load(state) }
    #expect(
      error?.description == """
        the values do not fit the model; missing: 0.bias, 1.running_mean; unexpected: head.weight; \
        ill-shaped: 2.weight [4, 2] for [2, 4]
        """)
    #expect(net.stateDict() == before)
  }

  @Test func whatFitsIsLoadedIfNotStrict() throws {
    let net = net(1)
    let mismatch = try net.load(["0.bias": .full([4], 7), "2.bias": .zeros([3]), "other": .zeros([])], strict: false)
    #expect(net.parameters[1].element.value == .full([4], 7))
    #expect(mismatch.missing.count == 7 && mismatch.unexpected == ["other"])
    #expect(mismatch.illShaped == [.init(name: "2.bias", found: [3], expected: [2])])
  }

  @Test func filesKeepNamesAndMetadata() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (from, to) = (net(1), net(2))
    try from.save(toFile: path, metadata: ["format": "pt", "epoch": "3"])
    #expect(try Safetensors(contentsOfFile: path).metadata == ["format": "pt", "epoch": "3"])
    try to.load(fromFile: path)
    #expect(to.stateDict() == from.stateDict())
    #expect(throws: FileError.self) { try to.load(fromFile: path + "x") }
    #expect(throws: StateMismatch.self) { try Linear(3, 4).load(fromFile: path) }
  }

  /// Kernels in Keras' layout, made from ours by definition: k[h, w, i, o] = weight[o, i, h, w].
  @Test func kerasKernelsAreTransposed() throws {
    func build(_ seed: UInt64) -> Sequential {
      let generator = RandomGenerator(seed: seed)
      return Sequential(
        Conv2D(2, 3, kernel: [3, 2], generator: generator), ConvTranspose2D(3, 2, kernel: 2, generator: generator),
        BatchNorm2D(2), Flatten(), Linear(24, 4, generator: generator), Embedding(4, 5))
    }
    let (from, to) = (build(1), build(2))
    let layouts = ["0.weight": [2, 3, 1, 0], "1.weight": [2, 3, 1, 0], "4.weight": [1, 0]]
    var state = from.stateDict()
    for (name, axes) in layouts { state[name] = state[name]?.permute(axes) }
    let order =
      from.parameters.prefix(6).map(\.name) + ["2.running_mean", "2.running_var"]
      + from.parameters.dropFirst(6).map(\.name)
    try to.load(state, layout: .keras)
    #expect(to.stateDict() == from.stateDict())
    let other = build(3)
    try other.load(inOrder: order.map { state[$0]! })
    #expect(other.stateDict() == from.stateDict())
    let error = #expect(throws: StateMismatch.self) { try other.load(inOrder: [.zeros([1, 1, 2, 3])]) }
    #expect(error?.illShaped == [.init(name: "0.weight", found: [3, 2, 1, 1], expected: [3, 2, 3, 2])])
    #expect(error?.missing.count == 10)
  }

  @Test func copiesAreTheirOwn() {
    let net = net(1)
    _ = net(Tensor.randomNormal([6, 3]))
    net.eval()
    net[0].freeze()
    let twin = net.copy { self.net(2) }
    #expect(twin.stateDict() == net.stateDict())
    #expect(!twin.isTraining && twin.parameters.map(\.element.requiresGrad) == [false, false, true, true, true, true])
    twin.parameters[2].element.value += 1
    #expect(twin.stateDict() != net.stateDict())
  }

  @Test func filesThatTorchSavedLoad() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/torch")
    let layer = Linear(3, 2)
    try layer.load(fromFile: folder.appending(path: "linear.pt").standardizedFileURL.path)
    #expect(layer.weight.value == Tensor([[-1, -0.5, 0], [0.5, 1, 1.5]]) && layer.bias?.value == Tensor([-1, -0.5]))
  }

  /// What PyTorch's `DataParallel` and `torch.compile` put before names, and a checkpoint around the model.
  @Test func prefixesAreLeftOutOnRequest() throws {
    let (from, to) = (net(1), net(2))
    func renamed(_ name: (String) -> String) -> [String: Tensor] {
      Dictionary(uniqueKeysWithValues: from.stateDict().map { (name($0), $1) })
    }
    try to.load(renamed { "module." + $0 }, under: "module")
    #expect(to.stateDict() == from.stateDict())
    let whole = renamed { "model.module._orig_mod." + $0 }.merging(["optimizer.state.0.step": .zeros([])]) { $1 }
    for state in [whole, renamed { "model.module." + $0.replacing("2.", with: "2._orig_mod.") }] {
      let to = net(3)
      try to.load(state, under: "model.module")
      #expect(to.stateDict() == from.stateDict())
    }
    // Without the request, the sentence says what to ask for.
    let error = #expect(throws: StateMismatch.self) { try to.load(whole) }
    #expect(
      error?.description == """
        the names do not fit the model, whose values are all there under "model.module": load with under: \
        "model.module"
        """)
    let twice = renamed { "model." + $0 }.merging(renamed { "average." + $0 }) { $1 }
    #expect(try to.load(twice, strict: false).prefixes == ["average", "model"])
    // One that is there without the prefix is another matter.
    #expect(try to.load(twice.merging(["0.bias": .ones([4])]) { $1 }, strict: false).prefixes == [])
    let partly = #expect(throws: StateMismatch.self) { try to.load(["module.0.bias": .ones([4])]) }
    #expect(partly?.prefixes == [] && partly?.description.contains("load with") == false)
  }

  @Test func compiledAndPlainNamesAreOne() throws {
    let layer = Linear(2, 1)
    try layer.load(["_orig_mod.weight": .ones([1, 2]), "weight": .full([1, 2], 3), "_orig_mod.bias": .ones([1])])
    #expect(layer.weight.value == .full([1, 2], 3) && layer.bias?.value == .ones([1]))
  }

  @Test(arguments: [["encoder"], ["alias"], ["alias", "encoder"]]) func sharedValuesGoByAnyName(prefixes: [String])
    throws
  {
    final class Tied: Module {
      let encoder = Linear(2, 3)
      let alias: Linear
      let table: Variable
      override init() {
        alias = encoder
        table = encoder.weight
      }
    }
    var state: [String: Tensor] = [:]
    for prefix in prefixes {
      state[prefix + ".weight"] = .full([3, 2], 7)
      state[prefix + ".bias"] = .full([3], 8)
    }
    let net = Tied()
    try net.load(state)
    #expect(net.table.value == .full([3, 2], 7) && net.alias.bias?.value == .full([3], 8))
    #expect(try net.load(["table": .ones([3, 2])], strict: false).missing == ["encoder.bias"])
    #expect(net.encoder.weight.value == .ones([3, 2]))
  }
}
