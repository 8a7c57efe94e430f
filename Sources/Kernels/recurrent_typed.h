// Included by recurrent_impl.h once for each float type: see both_floats.h.
//
// One step of a cell for some rows: what follows the product with the weights, and its derivative. Each function below
// handles one register of units of row r, from unit i on; `n` is the number of units.

AG_INLINE VEC FN(get)(const void *p, size_t at, size_t rest) {
  return p ? FN(load_upto)((const REAL *)p + at, rest, 0) : (VEC)(REAL)0;
}
AG_INLINE void FN(set)(void *p, size_t at, size_t rest, VEC v) { FN(store_upto)((REAL *)p + at, rest, v); }

// A register of units of one of the `gates` in each row of an operand; zeros if the operand is NULL.
#define GET(operand, gates, gate) FN(get)(w.operand, (r * (gates) + (gate)) * n + i, n - i)
#define SET(operand, gates, gate, v) FN(set)(w.operand, (r * (gates) + (gate)) * n + i, n - i, v)
#define STATE(operand) GET(operand, 1, 0)
#define SET_STATE(operand, v) SET(operand, 1, 0, v)
#define SUM(gates, gate) (GET(x, gates, gate) + GET(product, gates, gate))
#define STATE_GRADIENT (STATE(dh_carry) + STATE(dh))
#define SLOPE_OF_SIGMOID(y) ((y) * (1 - (y)))
#define SLOPE_OF_TANH(y) ((1 - (y)) * (1 + (y)))
#define UNIT(name) AG_INLINE void FN(name)(const ag_cell_work w, size_t n, size_t r, size_t i)

// MARK: where the mask is 0

UNIT(keep_state) {
  SET_STATE(h, STATE(h_before));
  if (w.c) SET_STATE(c, STATE(c_before));
}

/// The gradient of the state passes the gates by; that of c stays in its carry.
UNIT(pass_state) {
  SET_STATE(dh_carry, STATE_GRADIENT);
  for (size_t gate = 0; gate < w.gates; gate++) {
    SET(dx, w.gates, gate, (REAL)0);
    if (w.dproduct) SET(dproduct, w.gates, gate, (REAL)0);
  }
}

// MARK: RNN

UNIT(tanh_unit) { SET_STATE(h, FN(tanh)(SUM(1, 0))); }

UNIT(tanh_unit_backward) {
  VEC h = STATE(h);
  SET(dx, 1, 0, STATE_GRADIENT * SLOPE_OF_TANH(h));
  SET_STATE(dh_carry, (REAL)0);
}

UNIT(relu_unit) {
  VEC x = SUM(1, 0);
  SET_STATE(h, x < 0 ? (VEC)(REAL)0 : x);
}

UNIT(relu_unit_backward) {
  VEC dh = STATE_GRADIENT;
  SET(dx, 1, 0, STATE(h) > 0 ? dh : (VEC)(REAL)0);
  SET_STATE(dh_carry, (REAL)0);
}

// MARK: LSTM

UNIT(lstm_unit) {
  VEC in = FN(sigmoid)(SUM(4, 0)), forget = FN(sigmoid)(SUM(4, 1)), new = FN(tanh)(SUM(4, 2)), out = FN(sigmoid)(SUM(4, 3));
  VEC c = FN(fma)(forget, STATE(c_before), in * new);
  SET(kept, 4, 0, in);
  SET(kept, 4, 1, forget);
  SET(kept, 4, 2, new);
  SET(kept, 4, 3, out);
  SET_STATE(c, c);
  SET_STATE(h, out * FN(tanh)(c));
}

UNIT(lstm_unit_backward) {
  VEC in = GET(kept, 4, 0), forget = GET(kept, 4, 1), new = GET(kept, 4, 2), out = GET(kept, 4, 3);
  VEC seen = FN(tanh)(STATE(c)), dh = STATE_GRADIENT, dc = FN(fma)(dh * out, SLOPE_OF_TANH(seen), STATE(dc_carry));
  SET(dx, 4, 0, dc * new * SLOPE_OF_SIGMOID(in));
  SET(dx, 4, 1, dc * STATE(c_before) * SLOPE_OF_SIGMOID(forget));
  SET(dx, 4, 2, dc * in * SLOPE_OF_TANH(new));
  SET(dx, 4, 3, dh * seen * SLOPE_OF_SIGMOID(out));
  SET_STATE(dc_carry, dc * forget);
  SET_STATE(dh_carry, (REAL)0);
}

// MARK: GRU

UNIT(gru_unit) {
  VEC reset = FN(sigmoid)(SUM(3, 0)), update = FN(sigmoid)(SUM(3, 1)), product = GET(product, 3, 2);
  VEC new = FN(tanh)(FN(fma)(reset, product, GET(x, 3, 2)));
  SET(kept, 4, 0, reset);
  SET(kept, 4, 1, update);
  SET(kept, 4, 2, new);
  SET(kept, 4, 3, product);
  SET_STATE(h, FN(fma)(update, STATE(h_before) - new, new));
}

UNIT(gru_unit_backward) {
  VEC reset = GET(kept, 4, 0), update = GET(kept, 4, 1), new = GET(kept, 4, 2), dh = STATE_GRADIENT;
  VEC dnew = dh * (1 - update) * SLOPE_OF_TANH(new), dreset = dnew * GET(kept, 4, 3) * SLOPE_OF_SIGMOID(reset);
  VEC dupdate = dh * (STATE(h_before) - new) * SLOPE_OF_SIGMOID(update);
  SET(dx, 3, 0, dreset);
  SET(dx, 3, 1, dupdate);
  SET(dx, 3, 2, dnew);
  SET(dproduct, 3, 0, dreset);
  SET(dproduct, 3, 1, dupdate);
  SET(dproduct, 3, 2, dnew * reset);
  SET_STATE(dh_carry, dh * update);
}

// MARK: all rows

#define CELL(name, unit, masked)                                                                        \
  static void FN(name)(const ag_cell_work *work, size_t rows) {                                          \
    const ag_cell_work w = *work;                                                                        \
    const size_t n = w.hidden;                                                                           \
    for (size_t r = 0; r < rows; r++) {                                                                  \
      if (w.mask && !w.mask[r])                                                                          \
        for (size_t i = 0; i < n; i += AG_LANES) FN(masked)(w, n, r, i);                                 \
      else                                                                                               \
        for (size_t i = 0; i < n; i += AG_LANES) FN(unit)(w, n, r, i);                                   \
    }                                                                                                    \
  }
CELL(tanh_cell, tanh_unit, keep_state)
CELL(relu_cell, relu_unit, keep_state)
CELL(lstm_cell, lstm_unit, keep_state)
CELL(gru_cell, gru_unit, keep_state)
CELL(tanh_cell_backward, tanh_unit_backward, pass_state)
CELL(relu_cell_backward, relu_unit_backward, pass_state)
CELL(lstm_cell_backward, lstm_unit_backward, pass_state)
CELL(gru_cell_backward, gru_unit_backward, pass_state)

#undef GET
#undef SET
#undef STATE
#undef SET_STATE
#undef SUM
#undef STATE_GRADIENT
#undef SLOPE_OF_SIGMOID
#undef SLOPE_OF_TANH
#undef UNIT
#undef CELL
