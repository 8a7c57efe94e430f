// The inner loops of softmax and its relatives, and the tables that hold them.
#ifndef AG_SOFTMAX_KERNELS_H
#define AG_SOFTMAX_KERNELS_H
#include "ag_softmax.h"

typedef enum : uint8_t {
  AG_SOFTMAX, AG_LOG_SOFTMAX, AG_LOGSUMEXP, AG_SOFTMAX_BACKWARD, AG_LOG_SOFTMAX_BACKWARD, AG_SOFTMAX_KINDS
} ag_softmax_kind;

/// `rows` rows of n contiguous elements. `dy` is the second operand of the backward kinds.
typedef void (*ag_softmax_rows)(size_t rows, size_t n, const void *x, const void *dy, void *out);
/// `width` columns over n rows that lie `stride` elements apart.
typedef void (*ag_softmax_columns)(size_t n, size_t stride, size_t width, const void *x, const void *dy, void *out);

typedef struct {
  size_t classes;
  const void *x;
  const int64_t *labels;
  void *losses, *log_sums;  // results of the loss, operands of its derivative
  const void *dlosses;
  ptrdiff_t dlosses_step;
  void *dx;
} ag_cross_entropy_work;
typedef void (*ag_cross_entropy_rows)(const ag_cross_entropy_work *work, size_t begin, size_t end);

/// Indexed by kind and float type.
typedef struct {
  ag_softmax_rows rows[AG_SOFTMAX_KINDS][2];
  ag_softmax_columns columns[AG_SOFTMAX_KINDS][2];
  ag_cross_entropy_rows cross_entropy[2], cross_entropy_backward[2];
} ag_softmax_loops;

extern const ag_softmax_loops ag_softmax_loops_baseline, ag_softmax_loops_avx2, ag_softmax_loops_avx512;

/// max + log Σ exp(x − max) along the middle axis; −∞ if all are.
void ag_logsumexp(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, void *out);

#endif
