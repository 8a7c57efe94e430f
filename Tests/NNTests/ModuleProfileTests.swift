import NN
import Testing

/// Profiles list modules under their paths.
@Suite struct ModuleProfileTests {
  private final class Net: Module {
    let hidden = Linear(4, 3)
    let head = Sequential(ReLU(), Linear(3, 2))
    override func forward(_ x: Variable) -> Variable { head(hidden(x)) }
  }

  @Test func modules() {
    let net = Net()
    let profile = Profile { for _ in 0..<2 { _ = net(Tensor.ones([5, 4])) } }
    let modules = profile.rows.filter { $0.kind == .module }
    #expect(
      Set(modules.map(\.name)) == [
        "Net", "hidden (Linear 4 -> 3)", "head (Sequential)", "head.0 (ReLU)", "head.1 (Linear 3 -> 2)",
      ])
    #expect(modules.allSatisfy { $0.calls == 2 })
    #expect(profile["linear"]?.calls == 4)
    // What is inside a module is part of its total, but not of its own time.
    let (whole, head) = (profile["Net"], profile["head (Sequential)"])
    #expect((head?.total ?? .zero) <= (whole?.total ?? .zero))
    #expect(profile.rows.reduce(profile.outside) { $0 + $1.own } == profile.duration)
    #expect("\(profile)".contains("\n\nmodule, forward"))
  }
}
