import NN

/// An optimizer whose momentum may change between steps, as a schedule says.
public protocol MomentumOptimizer: Optimizer {
  /// The share of the last direction that is kept, from 0 up to 1: PyTorch's `momentum`, or the first of its `betas`.
  var momentum: Double { get set }
}

extension SGD: MomentumOptimizer {}
extension RMSprop: MomentumOptimizer {}
extension Muon: MomentumOptimizer {}

extension Adam: MomentumOptimizer {
  /// β₁.
  public var momentum: Double {
    get { beta1 }
    set { beta1 = newValue }
  }
}

extension Optimizer {
  /// Stops if momentum is switched on or off, because the rule's state would not fit.
  static func checkChange(ofMomentum old: Double, to new: Double) {
    checkSize("momentum", new)
    require(
      (old == 0) == (new == 0), "\(Self.self): momentum cannot become \(new) after \(old); begin with another one")
  }
}
