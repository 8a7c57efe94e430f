// The inner loops of curves and the tables that hold them.
#ifndef AG_CURVE_KERNELS_H
#define AG_CURVE_KERNELS_H
#include "ag_curve.h"

typedef void (*ag_curve_loop)(size_t n, const double *parameters, const void *x, void *y);
typedef void (*ag_curve_backward_loop)(size_t n, const double *parameters, const void *x, const void *dy, void *dx);

/// Indexed by kind and float type; `value` is NULL for kinds that are among the unary ops.
typedef struct {
  ag_curve_loop value[AG_CURVE_COUNT][2];
  ag_curve_backward_loop backward[AG_CURVE_COUNT][2];
} ag_curve_loops;

extern const ag_curve_loops ag_curve_loops_baseline, ag_curve_loops_avx2, ag_curve_loops_avx512;

#endif
