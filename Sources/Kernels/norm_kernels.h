// The inner loops of normalization, and the tables that hold them.
#ifndef AG_NORM_KERNELS_H
#define AG_NORM_KERNELS_H
#include "ag_norm.h"

typedef struct {
  size_t n;
  double epsilon;
  bool centred;
  const void *x, *weight, *bias, *dy;
  void *y, *statistics;  // results of the norm; `statistics` is an operand of its derivative
  void *dx;
  /// Each range of rows sums the gradients of weight and bias in a [2, n] of its own.
  void *sums;
} ag_norm_work;
typedef void (*ag_norm_rows)(const ag_norm_work *work, size_t begin, size_t end);

/// Indexed by float type.
typedef struct {
  ag_norm_rows forward[2];
  /// `sums` is that of the range, or NULL.
  ag_norm_rows backward[2];
} ag_norm_loops;

extern const ag_norm_loops ag_norm_loops_baseline, ag_norm_loops_avx2, ag_norm_loops_avx512;

#endif
