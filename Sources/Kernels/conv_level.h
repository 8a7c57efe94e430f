// All loops of one level for convolution and pooling, for float and for double. The including file defines AT_LEVEL,
// which appends the level to a name; VECTOR_BYTES; and HAS_FMA.

#define VALUE float
#define VALUE_BYTES 4
#define NAME(x) x##_f32
#include "gemm_simd.h"
#include "conv_lanes.h"
#include "conv_typed.h"
#include "conv_planes_typed.h"
#include "pool2d_typed.h"
#include "winograd_axis.h"
#include "winograd_weights.h"
#include "winograd_typed.h"

#undef VALUE
#undef VALUE_BYTES
#undef NAME
#define VALUE double
#define VALUE_BYTES 8
#define NAME(x) x##_f64
#include "gemm_simd.h"
#include "conv_lanes.h"
#include "conv_typed.h"
#include "conv_planes_typed.h"
#include "pool2d_typed.h"

#define BY_STRIDE(name, type) {name##_by_1_##type, name##_by_2_##type}
#define CONV_LOOPS(type)                                                                                  \
  {                                                                                                       \
    enter_##type, leave_##type, gather_##type, scatter_##type, gather_runs_##type, scatter_runs_##type,   \
        correlate_##type, dots_##type, copy_plane_##type,                                                 \
        {BY_STRIDE(convolve_3, type), BY_STRIDE(convolve_5, type), BY_STRIDE(convolve_7, type)}, \
        {BY_STRIDE(kernel_gradient_3, type), BY_STRIDE(kernel_gradient_5, type),                          \
         BY_STRIDE(kernel_gradient_7, type)},                                                             \
        {spread_3_##type, spread_5_##type, spread_7_##type}, sum_##type                                   \
  }
#define POOL2D_LOOPS(type) \
  {max_pool_##type, max_pool_backward_##type, average_pool_##type, average_pool_backward_##type}

const conv_loops AT_LEVEL(conv)[2] = {CONV_LOOPS(f32), CONV_LOOPS(f64)};
const pool2d_loops AT_LEVEL(pool2d)[2] = {POOL2D_LOOPS(f32), POOL2D_LOOPS(f64)};
const winograd_loops AT_LEVEL(winograd)[4] = {WINOGRAD_LOOPS(2, 5), WINOGRAD_LOOPS(3, 6), WINOGRAD_LOOPS(3, 8),
                                              WINOGRAD_LOOPS(5, 8)};
