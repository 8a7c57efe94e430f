/// Sets elements to 0 at random while training, and scales the others so that the mean stays.
///
/// y = x · m / (1 − p), m being 0 with probability p and 1 otherwise; y = x in use (`eval()`). Any shape. Srivastava et
/// al. 2014; PyTorch's `Dropout`.
public final class Dropout: Module {
  /// The probability p, from 0 up to 1.
  public let probability: Double
  private let generator: RandomGenerator

  /// A layer that drops each element with the given probability.
  public init(_ probability: Double = 0.5, generator: RandomGenerator = .default) {
    require(
      probability >= 0 && probability <= 1, "Dropout: a probability lies between 0 and 1, got \(probability)")
    self.probability = probability
    self.generator = generator
  }

  public override func forward(_ x: Variable) -> Variable {
    isTraining ? x.dropout(probability, generator: generator) : x
  }

  public override var summary: String { "Dropout \(probability)" }
}
