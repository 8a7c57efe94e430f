/// A parameter registry is a tree of variables: transforms return gradients under the parameters' names.
///
/// ```swift
/// let g = gradient(of: crossEntropy(net(x), labels), withRespectTo: net.parameters)
/// print(g.map(\.name), g.map(\.element.shape))
/// ```
extension Named: VariableTree where Element: VariableTree {
  /// The part with its variables replaced, under the same name.
  public func mapVariables(_ transform: (Variable) -> Variable) -> Named {
    Named(name: name, element: element.mapVariables(transform))
  }
}
