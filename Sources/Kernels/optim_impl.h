// Fused optimizer steps for float32 and float64, compiled once for each instruction set.
#include "ag_simd.h"
#include "optim_kernels.h"

#define TYPED "optim_typed.h"
#include "both_floats.h"

const ag_optim_loops AG_NAME(ag_optim_loops) = {
#define RULE(name) .name = {name##_f32, name##_f64},
    AG_OPTIM_RULES(RULE)
#undef RULE
    .factored = {factored_f32, factored_f64},
    .magnitude = {magnitude_f32, magnitude_f64},
};
