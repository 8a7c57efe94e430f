// The inner loops of reductions of floats, and the tables that hold them.
#ifndef AG_REDUCE_KERNELS_H
#define AG_REDUCE_KERNELS_H
#include "ag_reduce.h"

enum {
  AG_FLOAT_REDUCTIONS = AG_REDUCE_SUM_SQUARES + 1,
  AG_STRIP = 64,     // the most columns that a loop over columns takes
  AG_SHORT_ROW = 16  // the most elements of a short row
};

/// Reduces n contiguous elements.
typedef void (*ag_reduce_row)(size_t n, const void *x, void *out);
/// Reduces each of `width` ≤ AG_STRIP columns over n rows that are `stride` elements apart.
typedef void (*ag_reduce_columns)(size_t n, size_t stride, size_t width, const void *x, void *out);

/// Reduces each of `rows` rows of n ≤ AG_SHORT_ROW elements.
typedef void (*ag_reduce_short_rows)(size_t rows, size_t n, const void *x, void *out);
/// The index of the largest or smallest of n ≥ 1 elements, and that in each of `width` columns of at most 2³¹ elements.
typedef void (*ag_search_row)(size_t n, const void *x, int64_t *out);
typedef void (*ag_search_columns)(size_t n, size_t stride, size_t width, const void *x, int64_t *out);

/// Indexed by op and float type; AG_REDUCE_LOGSUMEXP is among the softmax loops instead.
typedef struct {
  ag_reduce_row row[AG_FLOAT_REDUCTIONS][2];
  ag_reduce_columns columns[AG_FLOAT_REDUCTIONS][2];
  ag_reduce_short_rows short_rows[AG_FLOAT_REDUCTIONS][2];
  ag_search_row search_row[2][2];  // the largest, the smallest
  ag_search_columns search_columns[2][2];
} ag_reduce_loops;

extern const ag_reduce_loops ag_reduce_loops_baseline, ag_reduce_loops_avx2, ag_reduce_loops_avx512;

/// Reductions and searches of the integer types and bool.
void ag_reduce_integers(ag_reduce_op op, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x,
                        void *out);
void ag_search_integers(bool smallest, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, int64_t *out);

#endif
