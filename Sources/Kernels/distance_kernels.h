// The inner loops of distances and the tables that hold them.
#ifndef AG_DISTANCE_KERNELS_H
#define AG_DISTANCE_KERNELS_H
#include "ag_distance.h"

/// From m rows of x to all n rows of y.
typedef void (*ag_distance_rows)(size_t m, size_t n, size_t d, const void *x, const void *y_transposed, void *out);
typedef void (*ag_distance_rows_backward)(size_t m, size_t n, size_t d, const void *x, const void *y,
                                          const void *factors, void *dx);

/// Indexed by p − 1 and float type.
typedef struct {
  ag_distance_rows forward[2][2];
  ag_distance_rows_backward backward[2][2];
} ag_distance_loops;

extern const ag_distance_loops ag_distance_loops_baseline, ag_distance_loops_avx2, ag_distance_loops_avx512;

#endif
