#ifndef AG_SOFTMAX_H
#define AG_SOFTMAX_H
#include "ag_types.h"

// Softmax along the middle axis of a dense [outer, n, inner], and cross entropy of rows; float types.

/// out = exp(x − max) / Σ exp(x − max), and its logarithm; `out` may be `x`. Rows of only −inf give NaN, as in PyTorch.
void ag_softmax(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, void *out);
void ag_log_softmax(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, void *out);
/// dx = y · (dy − Σ dy·y)
void ag_softmax_backward(ag_dtype type, size_t outer, size_t n, size_t inner, const void *y, const void *dy,
                         void *dx);
/// dx = dy − exp(y) · Σ dy
void ag_log_softmax_backward(ag_dtype type, size_t outer, size_t n, size_t inner, const void *y, const void *dy,
                             void *dx);

/// One pass over logits [rows, classes] with labels in 0..<classes, which the caller checks:
/// losses[r] = logsumexp(row r) − row[label]; log_sums[2r] and [2r + 1] are the row's largest score and
/// log Σ exp(score − largest), kept separate so that large scores do not round the second away.
void ag_cross_entropy(ag_dtype type, size_t rows, size_t classes, const void *x, const int64_t *labels, void *losses,
                      void *log_sums);
/// dx = (exp(x − largest − log Σ) − [label]) · dlosses[r · dlosses_step]
void ag_cross_entropy_backward(ag_dtype type, size_t rows, size_t classes, const void *x, const int64_t *labels,
                               const void *log_sums, const void *dlosses, ptrdiff_t dlosses_step, void *dx);

#endif
