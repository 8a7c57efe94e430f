import NN

/// PyTorch's name of an op, and the call that answers to it: the table stands in a file for each family. nil for a name
/// that is in none of them.
func call(_ a: Arguments) throws -> [Variable]? {
  let families: [(Arguments) throws -> [Variable]?] = [
    elementwiseCall, reductionCall, shapeCall, productCall, windowCall, normalizationCall, linearAlgebraCall, lossCall,
  ]
  for family in families {
    if let outputs = try family(a) { return outputs }
  }
  return nil
}
