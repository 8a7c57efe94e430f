// The inner loops of the element-wise functions, over dense memory, and the tables that hold them.
#ifndef AG_ELEMENTWISE_KERNELS_H
#define AG_ELEMENTWISE_KERNELS_H
#include "ag_elementwise.h"

/// Which operand of a loop is a scalar: one element that is used for all.
typedef enum : uint8_t { AG_NO_SCALAR = 0, AG_FIRST_SCALAR = 1, AG_SECOND_SCALAR = 2 } ag_scalars;

typedef void (*ag_unary_loop)(size_t n, const void *x, void *out);
typedef void (*ag_binary_loop)(size_t n, const void *a, const void *b, ag_scalars scalars, void *out);

/// The loops of the float types (AG_F32, AG_F64) at one instruction set. Binary loops take at most one scalar.
typedef struct {
  ag_unary_loop unary[AG_UNARY_COUNT][2];
  ag_binary_loop binary[AG_BINARY_COUNT][2];
  void (*lerp[2])(size_t n, double weight, const void *a, const void *b, void *out);
  void (*accumulate_f32)(size_t n, float alpha, const float *x, float *out);
  void (*accumulate_f64)(size_t n, double alpha, const double *x, double *out);
} ag_float_loops;

extern const ag_float_loops ag_float_loops_baseline, ag_float_loops_avx2, ag_float_loops_avx512;

/// The loops of integers and bool, which need no scalars; NULL where the type has no such op.
ag_unary_loop ag_integer_unary_loop(ag_unary_op op, ag_dtype type);
ag_binary_loop ag_integer_binary_loop(ag_binary_op op, ag_dtype type);

#endif
