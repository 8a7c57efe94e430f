#ifndef AG_REDUCE_H
#define AG_REDUCE_H
#include "ag_types.h"

// Reductions of a dense [outer, n, inner] block along its middle axis into a dense [outer, inner].
// Sums are pairwise over blocks, so that the error grows with log n, in an order that depends on the sizes alone.

/// AG_REDUCE_SUM and AG_REDUCE_PROD over nothing give 0 and 1; AG_REDUCE_MAX and MIN need n ≥ 1 and propagate NaN.
/// AG_REDUCE_ANY and ALL map bool to bool. For floats, AG_REDUCE_LOGSUMEXP is max + log Σ exp(x − max), −inf if all
/// are, and AG_REDUCE_SUM_SQUARES is Σ x².
typedef enum : uint8_t {
  AG_REDUCE_SUM, AG_REDUCE_PROD, AG_REDUCE_MAX, AG_REDUCE_MIN, AG_REDUCE_LOGSUMEXP, AG_REDUCE_SUM_SQUARES,
  AG_REDUCE_ANY, AG_REDUCE_ALL,
} ag_reduce_op;

/// The result has the type of x, except that sums and products of integers and bool are i64 (the
/// caller allocates accordingly).
void ag_reduce(ag_reduce_op op, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, void *out);

/// The index (i64) of the first largest or smallest element; the first NaN counts as both. n ≥ 1.
void ag_argmax(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, int64_t *out);
void ag_argmin(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, int64_t *out);

#endif
