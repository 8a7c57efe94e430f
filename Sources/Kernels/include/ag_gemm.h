#ifndef AG_GEMM_H
#define AG_GEMM_H
#include "ag_types.h"

/// What is applied to C once its sums are complete.
typedef enum : uint8_t { AG_ACTIVATION_NONE = 0, AG_ACTIVATION_RELU = 1 } ag_activation;

typedef struct {
  const void *bias;      // n values added to every row, or NULL
  const void *row_bias;  // m values, each added to its whole row, or NULL
  ag_activation activation;
} ag_epilogue;

/// C = A · B, or C += A · B with `accumulate`; A is m×k, B is k×n, C is m×n.
/// Strides are in elements and may have any value, also zero or negative, so a transposed operand is just another pair
/// of strides; C has unit column stride and row stride `c_row` ≥ n. A product over k = 0 is zero.
/// `epilogue` may be NULL.
void ag_gemm_f32(size_t m, size_t n, size_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_col, const float *b,
                 ptrdiff_t b_row, ptrdiff_t b_col, float *c, ptrdiff_t c_row, bool accumulate,
                 const ag_epilogue *epilogue);
void ag_gemm_f64(size_t m, size_t n, size_t k, const double *a, ptrdiff_t a_row, ptrdiff_t a_col, const double *b,
                 ptrdiff_t b_row, ptrdiff_t b_col, double *c, ptrdiff_t c_row, bool accumulate,
                 const ag_epilogue *epilogue);

/// `batch` products of one size; the operands of number i start at a[i], b[i] and c[i].
void ag_gemm_batched_f32(size_t batch, size_t m, size_t n, size_t k, const float *const *a, ptrdiff_t a_row,
                         ptrdiff_t a_col, const float *const *b, ptrdiff_t b_row, ptrdiff_t b_col, float *const *c,
                         ptrdiff_t c_row, bool accumulate);
void ag_gemm_batched_f64(size_t batch, size_t m, size_t n, size_t k, const double *const *a, ptrdiff_t a_row,
                         ptrdiff_t a_col, const double *const *b, ptrdiff_t b_row, ptrdiff_t b_col, double *const *c,
                         ptrdiff_t c_row, bool accumulate);

#endif
