import NN

/// Normalization, attention, distances.
func normalizationCall(_ a: Arguments) throws -> [Variable]? { try normalization(a) ?? distance(a) }

private func normalization(_ a: Arguments) throws -> [Variable]? {
  let (weight, bias) = ({ a.optional("weight") }, { a.optional("bias") })
  let epsilon = { a.double("eps", default: 1e-5) }
  switch a.op {
  case "softmax": return [a.input.softmax(axis: a.int("dim"))]
  case "log_softmax": return [a.input.logSoftmax(axis: a.int("dim"))]
  case "layer_norm":
    return [a.input.layerNorm(Shape(a.ints("normalized_shape")), weight: weight(), bias: bias(), epsilon: epsilon())]
  case "rms_norm": return [a.input.rmsNorm(Shape(a.ints("normalized_shape")), weight: weight(), epsilon: epsilon())]
  case "batch_norm":
    if a.bool("training") { return [a.input.batchNorm(weight: weight(), bias: bias(), epsilon: epsilon()).output] }
    return [
      a.input.batchNorm(
        mean: a.tensor("running_mean"), variance: a.tensor("running_var"), weight: weight(), bias: bias(),
        epsilon: epsilon())
    ]
  case "group_norm":
    return [a.input.groupNorm(groups: a.int("num_groups"), weight: weight(), bias: bias(), epsilon: epsilon())]
  case "instance_norm": return [a.input.instanceNorm(weight: weight(), bias: bias(), epsilon: epsilon())]
  case "local_response_norm":
    return [
      a.input.localResponseNorm(
        a.int("size"), alpha: a.double("alpha", default: 1e-4), beta: a.double("beta", default: 0.75),
        k: a.double("k", default: 1))
    ]
  case "scaled_dot_product_attention":
    return [
      Variable.scaledDotProductAttention(
        query: a.variable("query"), key: a.variable("key"), value: a.variable("value"),
        mask: a.optional("attn_mask")?.value, isCausal: a.bool("is_causal"), scale: a.optionalDouble("scale"))
    ]
  default: return nil
  }
}

private func distance(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "cosine_similarity":
    [
      a.variable("x1").cosineSimilarity(
        a.variable("x2"), axis: a.int("dim", default: 1), epsilon: a.double("eps", default: 1e-8))
    ]
  case "pairwise_distance":
    [
      a.variable("x1").pairwiseDistance(
        a.variable("x2"), a.double("p", default: 2), epsilon: a.double("eps", default: 1e-6),
        keepDims: a.bool("keepdim"))
    ]
  case "cdist": [a.variable("x1").cdist(a.variable("x2"), a.double("p", default: 2))]
  case "normalize":
    [
      a.input.normalize(
        a.double("p", default: 2), axis: a.int("dim", default: 1), epsilon: a.double("eps", default: 1e-12))
    ]
  default: nil
  }
}
