import Autograd
import Foundation
import Testing

/// What a profile counts, and how it divides the time. No test depends on how long anything takes.
@Suite struct ProfileTests {
  private func loss() -> Variable {
    let (x, w) = (Variable([[1, 2, 3]]), Variable([[1, 0, 1], [0, 1, 1]], requiresGrad: true))
    return ((x • w.transpose()).tanh() * 2 + 1).sum()
  }

  @Test func opsAndDerivatives() {
    let profile = Profile { for _ in 0..<3 { loss().backward() } }
    let calls = Dictionary(uniqueKeysWithValues: profile.rows.map { ($0.name, $0.calls) })
    let ops = ["transpose", "matmul", "tanh", "*", "+", "sum"]
    #expect(calls == Dictionary(uniqueKeysWithValues: (ops + ops.map { "\($0) backward" }).map { ($0, 3) }))
    #expect(profile["tanh"]?.kind == .op && profile["tanh backward"]?.kind == .derivative)
  }

  @Test func everyMomentBelongsToOneRow() {
    let profile = Profile {
      Profile.range("outer") {
        Profile.range("inner") { loss().backward() }
        _ = loss()
      }
    }
    #expect(profile.rows.reduce(profile.outside) { $0 + $1.own } == profile.duration)
    #expect(profile.rows.allSatisfy { $0.own >= .zero && $0.own <= $0.total && $0.total <= profile.duration })
    let (outer, inner) = (profile["outer"], profile["inner"])
    #expect(outer?.kind == .range && inner?.calls == 1)
    #expect((inner?.total ?? .zero) <= (outer?.total ?? .zero))
    #expect(profile["matmul"]?.calls == 2)
    #expect(zip(profile.rows, profile.rows.dropFirst()).allSatisfy { $0.own >= $1.own })
  }

  @Test func opsThatAreNotRecorded() {
    let profile = Profile { withoutGradient { _ = loss() } }
    #expect(profile["tanh"]?.calls == 1)
    #expect(profile.rows.allSatisfy { $0.kind == .op })
  }

  @Test func transformsHaveDerivatives() {
    let profile = Profile { _ = gradient(at: Variable([0.5, 1])) { $0.tanh().sum() } }
    #expect(profile["tanh backward"]?.calls == 1)
  }

  @Test func derivativesOfDerivatives() {
    let x = Variable([0.5], requiresGrad: true)
    let profile = Profile {
      let first = gradient(of: x.exp().sum(), withRespectTo: x, createGraph: true)
      first.sum().backward()
    }
    #expect(profile["exp"]?.calls == 1)
    #expect(profile.rows.reduce(profile.outside) { $0 + $1.own } == profile.duration)
  }

  @Test func customFunctions() {
    let double = CustomFunction("double") { inputs in .init([inputs[0].value * 2]) { dy in [dy[0] * 2] } }
    let profile = Profile { double(Variable([1], requiresGrad: true)).sum().backward() }
    #expect(profile["double"]?.calls == 1 && profile["double backward"]?.calls == 1)
    #expect((profile["*"]?.total ?? .zero) <= (profile["double"]?.total ?? .zero))
  }

  @Test func recomputationBelongsToTheCheckpoint() {
    let x = Variable([1, 2], requiresGrad: true)
    let profile = Profile { checkpoint { x.exp() }.sum().backward() }
    #expect(profile["exp"]?.calls == 1)
    #expect(profile["checkpoint backward"]?.calls == 1)
  }

  @Test func profilesNest() {
    var inner: Profile?
    let outer = Profile {
      _ = Variable([1]).exp()
      inner = Profile { _ = Variable([1]).exp() }
    }
    #expect(inner?["exp"]?.calls == 1 && outer["exp"]?.calls == 2)
    #expect(outer["profile"]?.calls == 1)
  }

  @Test func onlyThisThreadIsMeasured() {
    let profile = Profile {
      let other = Thread { _ = Variable([1]).cos() }
      other.start()
      while !other.isFinished { usleep(100) }
      _ = Variable([1]).sin()
    }
    #expect(profile["sin"]?.calls == 1 && profile["cos"] == nil)
  }

  private struct Failure: Error {}

  @Test func errorsPassThrough() {
    #expect(throws: Failure.self) {
      _ = try Profile { try Profile.range("part") { throw Failure() } }
    }
    // Nothing is left open.
    #expect(Profile { _ = Variable([1]).exp() }.rows.map(\.name) == ["exp"])
  }

  @Test func nothing() {
    let profile = Profile {}
    #expect(profile.rows.isEmpty && profile.outside == profile.duration)
    #expect(Profile.range("not measured") { 3 } == 3)
  }

  @Test func text() {
    let lines = "\(Profile { loss().backward() })".split(separator: "\n")
    #expect(lines[0].split(separator: " ") == ["name", "calls", "own", "share", "total"])
    #expect(lines.contains { $0.hasPrefix("tanh backward ") && $0.split(separator: " ")[2] == "1" })
    #expect(lines.contains { $0.hasPrefix("between ops ") })
    #expect(lines.last?.contains("100.0 %") == true)
  }

  @Test func trace() throws {
    let profile = Profile { Profile.range("a \"part\"") { loss().backward() } }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("trace-\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try profile.writeTrace(toFile: file.path)
    let content = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: [[String: Any]]]
    let events = try #require(content?["traceEvents"])
    #expect(events.count == profile.rows.reduce(0) { $0 + $1.calls })
    let part = try #require(events.first { $0["name"] as? String == "a \"part\"" })
    #expect(part["ts"] as? Double == 0 && part["ph"] as? String == "X" && part["cat"] as? String == "range")
    let end = try #require(part["dur"] as? Double)
    for event in events {
      let (start, duration) = (try #require(event["ts"] as? Double), try #require(event["dur"] as? Double))
      #expect(start >= 0 && duration >= 0 && start + duration <= end + 0.002)
    }
    #expect(throws: FileError.self) { try profile.writeTrace(toFile: file.path + "/trace.json") }  // in a file
  }
}
