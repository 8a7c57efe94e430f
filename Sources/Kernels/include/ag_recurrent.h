#ifndef AG_RECURRENT_H
#define AG_RECURRENT_H
#include "ag_types.h"

// Recurrent cells over whole sequences; float types, everything dense. A step's gates are what the input gives, x (its
// product with the input weights, biases included), plus what the state before gives, h · Wᵀ. With n hidden units:
//
//   AG_RNN_TANH, AG_RNN_RELU (1 gate)   h' = tanh(g) or max(g, 0)
//   AG_LSTM (4 gates: i, f, g, o)       c' = σ(f)·c + σ(i)·tanh(g),   h' = σ(o)·tanh(c')
//   AG_GRU (3 gates: r, z, n)           n = tanh(x + σ(r)·(h · Wᵀ + b)),   h' = (1 − σ(z))·n + σ(z)·h
typedef enum : uint8_t { AG_RNN_TANH, AG_RNN_RELU, AG_LSTM, AG_GRU } ag_cell;

typedef struct {
  ag_dtype type;
  ag_cell cell;
  bool reversed;        // from the last step to the first
  size_t steps, batch, hidden;
  const void *weight;   // [gates · hidden, hidden]
  const void *bias;     // [3 · hidden], of the product with h; of AG_GRU alone, and may be NULL
  const uint8_t *mask;  // [steps, batch]: where 0, a row's state stays as it is; or NULL
  const void *h0, *c0;  // [batch, hidden] before the first step, or NULL for zeros; c0 of AG_LSTM alone
} ag_recurrence;

/// Numbers an AG_LSTM or AG_GRU keeps for each unit of a step: i, f, g, o or r, z, n, h · Wᵀ + b of n. The others need none.
enum { AG_KEPT_GATES = 4 };

/// x is [steps, batch, gates · hidden]. `h`, [steps, batch, hidden], gets the state after each step, `c` the same of
/// AG_LSTM's cells, `kept`, [steps, batch, 4 · hidden], what the backward pass needs. Those of other cells may be NULL.
void ag_recurrent(const ag_recurrence *of, const void *x, void *h, void *c, void *kept);

/// From the gradients `dh` of all states and `dc_last` (NULL for zeros) of the last cells to those of x, of the product
/// with h (`dproduct`, where AG_GRU's differs from that of x; else NULL), and of h0 and c0, [batch, hidden]. That of h0
/// lacks the product's part where h0 is NULL.
void ag_recurrent_backward(const ag_recurrence *of, const void *h, const void *c, const void *kept, const void *dh,
                           const void *dc_last, void *dx, void *dproduct, void *dh0, void *dc0);

#endif
