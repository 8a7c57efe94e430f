// Weighted sums of pixels of float32 and float64, compiled once for each instruction set.
#include "ag_simd.h"
#include "shared.h"
#include "taps_kernels.h"

#define TYPED "taps_typed.h"
#include "both_floats.h"

const ag_taps_loops AG_NAME(ag_taps_loops) = {.sum = {tap_sum_f32, tap_sum_f64},
                                              .spread = {tap_spread_f32, tap_spread_f64},
                                              .dot = {tap_dot_f32, tap_dot_f64}};
