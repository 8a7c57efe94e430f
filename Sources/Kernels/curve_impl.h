// Curves of float32 and float64, compiled once for each instruction set: curve_typed.h is included for each type.
#include "curve_kernels.h"
#include "math_f32.h"
#include "math_f64.h"
#include "math_special.h"

#define TYPED "curve_typed.h"
#include "both_floats.h"

#define ROW(name) {name##_loop_f32, name##_loop_f64}
#define BACK(name) {name##_back_loop_f32, name##_back_loop_f64}
const ag_curve_loops AG_NAME(ag_curve_loops) = {
    .value = {[AG_CURVE_CLAMP] = ROW(clamp), [AG_CURVE_HARD_TANH] = ROW(clamp), [AG_CURVE_LEAKY_RELU] = ROW(leaky_relu),
              [AG_CURVE_EXPONENTIAL] = ROW(exponential), [AG_CURVE_SOFTPLUS] = ROW(scaled_softplus),
              [AG_CURVE_HARD_SIGMOID] = ROW(hard_sigmoid), [AG_CURVE_HARD_SWISH] = ROW(hard_swish)},
    .backward = {[AG_CURVE_CLAMP] = BACK(clamp), [AG_CURVE_HARD_TANH] = BACK(hard_tanh),
                 [AG_CURVE_LEAKY_RELU] = BACK(leaky_relu), [AG_CURVE_EXPONENTIAL] = BACK(exponential),
                 [AG_CURVE_SOFTPLUS] = BACK(scaled_softplus), [AG_CURVE_HARD_SIGMOID] = BACK(hard_sigmoid),
                 [AG_CURVE_HARD_SWISH] = BACK(hard_swish), [AG_CURVE_LOG_SIGMOID] = BACK(log_sigmoid),
                 [AG_CURVE_SILU] = BACK(silu), [AG_CURVE_GELU] = BACK(gelu), [AG_CURVE_GELU_TANH] = BACK(gelu_tanh),
                 [AG_CURVE_MISH] = BACK(mish), [AG_CURVE_SINC] = BACK(sinc)}};
