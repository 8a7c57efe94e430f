import NN

/// Layers over sequences: recurrent ones, attention, transformers.
func sequenceModule(_ a: Arguments, _ type: DType) throws -> ModuleUnderTest? {
  switch a.op {
  case "RNN":
    let layer = RNN(
      a.int("input_size"), a.int("hidden_size"), layers: a.int("num_layers", default: 1),
      activation: a.string("nonlinearity", default: "tanh") == "relu" ? .relu : .tanh,
      bias: a.bool("bias", default: true), batchFirst: a.bool("batch_first"), bidirectional: a.bool("bidirectional"),
      dtype: type)
    return ModuleUnderTest(layer) { inputs, _ in
      let (output, state) = layer(inputs[0], state: inputs.dropFirst().first)
      return [output, state]
    }
  case "GRU":
    let layer = GRU(
      a.int("input_size"), a.int("hidden_size"), layers: a.int("num_layers", default: 1),
      bias: a.bool("bias", default: true), batchFirst: a.bool("batch_first"), bidirectional: a.bool("bidirectional"),
      dtype: type)
    return ModuleUnderTest(layer) { inputs, _ in
      let (output, state) = layer(inputs[0], state: inputs.dropFirst().first)
      return [output, state]
    }
  case "LSTM":
    let layer = LSTM(
      a.int("input_size"), a.int("hidden_size"), layers: a.int("num_layers", default: 1),
      bias: a.bool("bias", default: true), batchFirst: a.bool("batch_first"), bidirectional: a.bool("bidirectional"),
      dtype: type)
    return ModuleUnderTest(layer) { inputs, _ in
      let first = inputs.count == 3 ? LSTM.State(hidden: inputs[1], cell: inputs[2]) : nil
      let (output, state) = layer(inputs[0], state: first)
      return [output, state.hidden, state.cell]
    }
  case "MultiheadAttention":
    let layer = MultiHeadAttention(
      a.int("embed_dim"), heads: a.int("num_heads"), keySize: a.optionalInt("kdim"), valueSize: a.optionalInt("vdim"),
      bias: a.bool("bias", default: true), dropout: a.double("dropout", default: 0), batchFirst: a.bool("batch_first"),
      dtype: type)
    return ModuleUnderTest(layer) { inputs, masks in
      [
        layer(
          inputs[0], key: inputs[inputs.count > 1 ? 1 : 0], value: inputs[inputs.count - 1],
          mask: masks["attn_mask"]?.value, keyPaddingMask: masks["key_padding_mask"]?.value)
      ]
    }
  case "TransformerEncoderLayer":
    let layer = TransformerEncoderLayer(
      a.int("d_model"), heads: a.int("nhead"), feedForward: a.int("dim_feedforward", default: 2048),
      dropout: a.double("dropout", default: 0.1),
      activation: a.string("activation", default: "relu") == "gelu" ? .gelu : .relu,
      epsilon: a.double("layer_norm_eps", default: 1e-5), batchFirst: a.bool("batch_first"),
      normFirst: a.bool("norm_first"), bias: a.bool("bias", default: true), dtype: type)
    return ModuleUnderTest(layer) { inputs, masks in
      [layer(inputs[0], mask: masks["src_mask"]?.value, keyPaddingMask: masks["src_key_padding_mask"]?.value)]
    }
  case "TransformerDecoderLayer":
    let layer = TransformerDecoderLayer(
      a.int("d_model"), heads: a.int("nhead"), feedForward: a.int("dim_feedforward", default: 2048),
      dropout: a.double("dropout", default: 0.1),
      activation: a.string("activation", default: "relu") == "gelu" ? .gelu : .relu,
      epsilon: a.double("layer_norm_eps", default: 1e-5), batchFirst: a.bool("batch_first"),
      normFirst: a.bool("norm_first"), bias: a.bool("bias", default: true), dtype: type)
    return ModuleUnderTest(layer) { inputs, masks in
      [
        layer(
          inputs[0], memory: inputs[1], mask: masks["tgt_mask"]?.value, memoryMask: masks["memory_mask"]?.value,
          keyPaddingMask: masks["tgt_key_padding_mask"]?.value,
          memoryKeyPaddingMask: masks["memory_key_padding_mask"]?.value)
      ]
    }
  default: return nil
  }
}
