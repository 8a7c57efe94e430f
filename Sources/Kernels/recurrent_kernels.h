// The inner loops of recurrent cells, and the tables that hold them.
#ifndef AG_RECURRENT_KERNELS_H
#define AG_RECURRENT_KERNELS_H
#include "ag_recurrent.h"

/// One step for some rows of a batch. Everything is dense; the row sizes are given below.
typedef struct {
  size_t hidden, gates;  // a row of x, dx and dproduct has gates · hidden elements, of `kept` 4 · hidden, else hidden
  const uint8_t *mask;   // of these rows, or NULL
  const void *x;
  const void *product;   // h · Wᵀ
  const void *h_before, *c_before;  // NULL for zeros
  void *h, *c, *kept;
  // Backward: `dh` is the upstream gradient of h. `dh_carry` comes in as the gradient of h from the next step and goes
  // out as that for the step before, without the part that passes through the product; `dc_carry` is the same for c,
  // and complete.
  const void *dh;
  void *dh_carry, *dc_carry, *dx, *dproduct;
} ag_cell_work;

typedef void (*ag_cell_rows)(const ag_cell_work *work, size_t rows);

/// Indexed by cell and float type.
typedef struct {
  ag_cell_rows forward[4][2], backward[4][2];
} ag_cell_loops;

extern const ag_cell_loops ag_cell_loops_baseline, ag_cell_loops_avx2, ag_cell_loops_avx512;

#endif
