import NN

/// Calls our counterpart of PyTorch's op. Each family has a table in a file of its own; nil if no table has the name.
func call(_ a: Arguments) throws -> [Variable]? {
  let families: [(Arguments) throws -> [Variable]?] = [
    elementwiseCall, reductionCall, shapeCall, productCall, windowCall, normalizationCall, linearAlgebraCall, lossCall,
  ]
  for family in families {
    if let outputs = try family(a) { return outputs }
  }
  return nil
}
