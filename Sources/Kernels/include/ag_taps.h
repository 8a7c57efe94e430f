#ifndef AG_TAPS_H
#define AG_TAPS_H
#include "ag_types.h"

// Values between the pixels of images: weighted sums of a few pixels (taps), the same ones for all channels. Channels
// are the last axis: images x are dense [n, pixels, c], results y [n, points, c], positions and weights
// [n, points, taps]. A position of −1 is no pixel; the caller has checked that all are below `pixels`. Float types.
// Results do not depend on the number of threads.

typedef struct {
  size_t n, pixels, points, taps, c;
  const int64_t *positions;
} ag_taps;

/// y[n, p] = Σₖ weights[n, p, k] · x[n, positions[n, p, k]]
void ag_taps_sum(ag_dtype type, const ag_taps *taps, const void *x, const void *weights, void *y);
/// The adjoint: x is 0 with weights[n, p, k] · y[n, p] added at positions[n, p, k].
void ag_taps_spread(ag_dtype type, const ag_taps *taps, const void *y, const void *weights, void *x);
/// weights[n, p, k] = y[n, p] · x[n, positions[n, p, k]], the dot product over the channels.
void ag_taps_dot(ag_dtype type, const ag_taps *taps, const void *x, const void *y, void *weights);

#endif
