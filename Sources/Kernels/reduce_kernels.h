// The inner loops of reductions of floats, and the tables that hold them.
#ifndef AG_REDUCE_KERNELS_H
#define AG_REDUCE_KERNELS_H
#include "ag_reduce.h"

enum {
  AG_FLOAT_REDUCTIONS = AG_REDUCE_SUM_SQUARES + 1,
  AG_STRIP = 64,  // the most columns a loop over columns takes
};

/// Of n contiguous elements.
typedef void (*ag_reduce_row)(size_t n, const void *x, void *out);
/// Of each of `width` ≤ AG_STRIP columns over n rows that lie `stride` elements apart.
typedef void (*ag_reduce_columns)(size_t n, size_t stride, size_t width, const void *x, void *out);

/// Indexed by op and float type; AG_REDUCE_LOGSUMEXP is found with softmax instead.
typedef struct {
  ag_reduce_row row[AG_FLOAT_REDUCTIONS][2];
  ag_reduce_columns columns[AG_FLOAT_REDUCTIONS][2];
} ag_reduce_loops;

extern const ag_reduce_loops ag_reduce_loops_baseline, ag_reduce_loops_avx2, ag_reduce_loops_avx512;

/// Reductions of the integer types and bool.
void ag_reduce_integers(ag_reduce_op op, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x,
                        void *out);

#endif
