#ifndef AG_RECURRENT_H
#define AG_RECURRENT_H
#include "ag_types.h"

// Recurrent cells over whole sequences; float types, everything dense. The gates of a step are x, the product of the
// input with its weights, biases included, plus h · Wᵀ for the previous state h. With n hidden units:
//
//   AG_RNN_TANH, AG_RNN_RELU (1 gate)   h' = tanh(g) or max(g, 0)
//   AG_LSTM (4 gates: i, f, g, o)       c' = σ(f)·c + σ(i)·tanh(g),   h' = σ(o)·tanh(c')
//   AG_GRU (3 gates: r, z, n)           n = tanh(x + σ(r)·(h · Wᵀ + b)),   h' = (1 − σ(z))·n + σ(z)·h
typedef enum : uint8_t { AG_RNN_TANH, AG_RNN_RELU, AG_LSTM, AG_GRU } ag_cell;

typedef struct {
  ag_dtype type;
  ag_cell cell;
  bool reversed;        // runs from the last step to the first
  size_t steps, batch, hidden;
  const void *weight;   // [gates · hidden, hidden]
  const void *bias;     // [3 · hidden], of the product with h; only for AG_GRU, and may be NULL
  const uint8_t *mask;  // [steps, batch], or NULL: where it is 0, a row's state stays as it is
  const void *h0, *c0;  // [batch, hidden] before the first step, or NULL for zeros; c0 only for AG_LSTM
} ag_recurrence;

/// Numbers that AG_LSTM and AG_GRU keep per unit and step: i, f, g, o or r, z, n, and h · Wᵀ + b
/// of n. Other cells keep none.
enum { AG_KEPT_GATES = 4 };

/// x is [steps, batch, gates · hidden]. `h`, [steps, batch, hidden], gets the state after each step; `c` the
/// same for the cells of AG_LSTM; `kept`, [steps, batch, 4 · hidden], what the backward pass needs. What a
/// cell does not have may be NULL.
void ag_recurrent(const ag_recurrence *of, const void *x, void *h, void *c, void *kept);

/// From the gradients `dh` of all states and `dc_last` (NULL for zeros) of the last cells, computes those of x, of the
/// product with h (`dproduct`, where it differs from that of x, for AG_GRU; else NULL), and of h0 and c0, [batch,
/// hidden]. If h0 is NULL, its gradient lacks the product's part.
void ag_recurrent_backward(const ag_recurrence *of, const void *h, const void *c, const void *kept, const void *dh,
                           const void *dc_last, void *dx, void *dproduct, void *dh0, void *dc0);

#endif
