// The interface between pool2d.c and its loops for each instruction set.
#ifndef POOL2D_KERNELS_H
#define POOL2D_KERNELS_H
#include "ag_pool2d.h"

typedef struct {
  ag_pool2d pool;
  bool halves;  // non-overlapping windows of 2×2 without padding
  bool count_padding;
  double divisor;
  const char *x, *dy;
  char *y, *dx;
  int32_t *indices;  // backward only reads them
} pool2d_work;

/// Loops over the planes begin..<end, of one type at one level.
typedef struct {
  void (*max_pool)(const pool2d_work *, size_t begin, size_t end);
  void (*max_pool_backward)(const pool2d_work *, size_t begin, size_t end);
  void (*average_pool)(const pool2d_work *, size_t begin, size_t end);
  void (*average_pool_backward)(const pool2d_work *, size_t begin, size_t end);
} pool2d_loops;

/// One table per level: float, then double. The higher levels exist on x86-64 only.
extern const pool2d_loops pool2d_baseline[2];
extern const pool2d_loops pool2d_avx2[2];
extern const pool2d_loops pool2d_avx512[2];

#endif
