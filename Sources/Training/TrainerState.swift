import NN
import Optim

/// A trainer's state besides model, optimizer and position: the history, the figures of the current epoch, and the
/// states of its callbacks.
extension Trainer: Stateful {
  /// The whole state; the callbacks' states are part of it only while training is on.
  public func stateDict() -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    state.add(history.state, under: "history")
    state.add(measures.state, under: "measures")
    for (name, own) in remembered { state.add(own, under: "callbacks/" + name) }
    for (name, callback) in namedCallbacks { state.add(callback.stateDict(), under: "callbacks/" + name) }
    return state
  }

  /// Restores history and figures; callbacks get their states when `fit` begins. An empty state clears the history.
  public func load(_ state: [String: Tensor]) throws(StateError) {
    let history = try History(state.entries(under: "history"))
    let measures = try Measures(metrics, state.entries(under: "measures"))
    let names = state.keys.compactMap { key in
      let parts = key.split(separator: "/", maxSplits: 2)
      return parts.count == 3 && parts[0] == "callbacks" ? String(parts[1]) : nil
    }
    (self.history, self.measures) = (history, measures)
    remembered = Dictionary(
      names.map { ($0, state.entries(under: "callbacks/" + $0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// The callbacks by their type and their index among those of the type: `EarlyStopping.0`.
  var namedCallbacks: [(name: String, callback: Callback)] {
    var counts: [String: Int] = [:]
    return callbacks.map { callback in
      let kind = "\(type(of: callback))"
      defer { counts[kind, default: 0] += 1 }
      return ("\(kind).\(counts[kind, default: 0])", callback)
    }
  }
}

extension Trainer {
  /// Resumes a run where a checkpoint's file was saved; if there is no file, it starts at the beginning. Call
  /// it before `fit`.
  ///
  /// History, current epoch and the states of callbacks continue: the run ends like one that was never stopped. With a
  /// file that `Checkpointing` did not write, the history starts empty. Throws what `Checkpoint.resume()` throws.
  public func resume(_ checkpoint: Checkpoint) throws {
    position = try checkpoint.resume(self)
    epoch = position.epoch + (position.batch > 0 ? 1 : 0)
  }
}

extension [String: Tensor] {
  /// Adds entries under a common prefix and a slash.
  mutating func add(_ entries: [String: Tensor], under name: String) {
    for (key, tensor) in entries { self[name + "/" + key] = tensor }
  }

  /// The entries under a prefix and a slash, without them.
  func entries(under name: String) -> [String: Tensor] {
    let prefix = name + "/"
    let own = filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) }
    return Dictionary(uniqueKeysWithValues: own)
  }
}
