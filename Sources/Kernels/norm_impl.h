// Normalization for float32 and float64, compiled once for each instruction set.
#include "norm_kernels.h"

#define REAL float
#define VEC vf
#define FN(name) name##_f32
#include "norm_typed.h"
#undef REAL
#undef VEC
#undef FN

#define REAL double
#define VEC vd
#define FN(name) name##_f64
#include "norm_typed.h"
#undef REAL
#undef VEC
#undef FN

const ag_norm_loops AG_NAME(ag_norm_loops) = {
    .forward = {norm_forward_f32, norm_forward_f64},
    .backward = {norm_backward_f32, norm_backward_f64},
};
