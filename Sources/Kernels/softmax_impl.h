// Softmax, its relatives and cross entropy for float32 and float64, compiled once for each instruction set.
#include "math_f32.h"
#include "math_f64.h"
#include "softmax_kernels.h"

#define TYPED "softmax_typed.h"
#include "both_floats.h"

#define ROW(name, shape) {name##_##shape##_f32, name##_##shape##_f64}
#define TABLE(shape)                                                                                      \
  {[AG_SOFTMAX] = ROW(softmax, shape), [AG_LOG_SOFTMAX] = ROW(log_softmax, shape),                         \
   [AG_LOGSUMEXP] = ROW(logsumexp, shape), [AG_SOFTMAX_BACKWARD] = ROW(softmax_backward, shape),           \
   [AG_LOG_SOFTMAX_BACKWARD] = ROW(log_softmax_backward, shape)}
const ag_softmax_loops AG_NAME(ag_softmax_loops) = {
    .rows = TABLE(rows),
    .columns = TABLE(columns),
    .cross_entropy = {cross_entropy_f32, cross_entropy_f64},
    .cross_entropy_backward = {cross_entropy_backward_f32, cross_entropy_backward_f64},
};
