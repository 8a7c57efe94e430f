// Normalization for float32 and float64, compiled once for each instruction set.
#include "norm_kernels.h"

#define TYPED "norm_typed.h"
#include "both_floats.h"

const ag_norm_loops AG_NAME(ag_norm_loops) = {
    .forward = {norm_forward_f32, norm_forward_f64},
    .backward = {norm_backward_f32, norm_backward_f64},
};
