// Weighted sums of a few pixels for each point, their adjoint, and the gradient of the weights: the choice of loops, and
// the division of points or channels among threads.
#include "ag_taps.h"

#include "shared.h"
#include "taps_kernels.h"

enum { RANGE = 16384 };  // products a thread takes at a time

static const ag_taps_loops *taps_loops(void) { return AG_IN_USE(ag_taps_loops); }

void ag_taps_sum(ag_dtype type, const ag_taps *taps, const void *x, const void *weights, void *y) {
  tapping t = {taps, .x = x, .weights = weights, .out = y};
  size_t range = RANGE / (taps->taps * taps->c + 1) + 1;
  ag_parallel_for(taps->n * taps->points, range, taps_loops()->sum[type], &t);
}

void ag_taps_spread(ag_dtype type, const ag_taps *taps, const void *y, const void *weights, void *x) {
  tapping t = {taps, .y = y, .weights = weights, .out = x};
  size_t range = RANGE / (taps->points * taps->taps * ag_min(taps->c, AG_TAPS_BAND) + taps->pixels + 1) + 1;
  ag_parallel_for(taps->n * ((taps->c + AG_TAPS_BAND - 1) / AG_TAPS_BAND), range, taps_loops()->spread[type], &t);
}

void ag_taps_dot(ag_dtype type, const ag_taps *taps, const void *x, const void *y, void *weights) {
  tapping t = {taps, .x = x, .y = y, .out = weights};
  size_t range = RANGE / (taps->taps * taps->c + 1) + 1;
  ag_parallel_for(taps->n * taps->points, range, taps_loops()->dot[type], &t);
}
