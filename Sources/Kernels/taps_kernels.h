// The interface between taps.c and its loops for each instruction set.
#ifndef AG_TAPS_KERNELS_H
#define AG_TAPS_KERNELS_H
#include "ag_pool.h"
#include "ag_taps.h"

/// The context of a loop.
typedef struct {
  const ag_taps *taps;
  const char *x, *y, *weights;
  char *out;
} tapping;

/// Channels that a task of `spread` adds to. Task n · bands + band adds to that band of image n, so that no two tasks
/// touch the same element.
enum { AG_TAPS_BAND = 16 };

/// Tasks of `sum` and `dot` are points of all images. Indexed by float type.
typedef struct {
  ag_task sum[2], spread[2], dot[2];
} ag_taps_loops;

extern const ag_taps_loops ag_taps_loops_baseline, ag_taps_loops_avx2, ag_taps_loops_avx512;

#endif
