// Batches of products of one size. If there are enough of them, each thread computes whole products; otherwise they are
// computed one after another, each on all threads.
#include "ag_gemm.h"
#include "ag_level.h"
#include "ag_pool.h"

/// Products per range of the parallel loop, or 0 for no such loop: the products are few and each is large.
static size_t products_per_range(ag_dtype type, size_t batch, size_t m, size_t n, size_t k) {
  const size_t work = m * n * k, worth_a_thread = ag_worth_a_thread(type);
  if (work >= 2 * worth_a_thread && batch < 4 * (size_t)ag_thread_count()) return 0;
  return work >= worth_a_thread ? 1 : worth_a_thread / (work + 1) + 1;
}

#define BATCHED(VALUE, TYPE, NAME)                                                                                   \
  typedef struct {                                                                                                   \
    size_t m, n, k;                                                                                                  \
    const VALUE *const *a, *const *b;                                                                                \
    ptrdiff_t a_row, a_col, b_row, b_col;                                                                            \
    VALUE *const *c;                                                                                                 \
    ptrdiff_t c_row;                                                                                                 \
    bool accumulate;                                                                                                 \
  } products_##NAME;                                                                                                 \
                                                                                                                     \
  static void run_##NAME(void *context, size_t begin, size_t end) {                                                  \
    const products_##NAME *p = context;                                                                              \
    for (size_t i = begin; i < end; i++)                                                                             \
      ag_gemm_##NAME(p->m, p->n, p->k, p->a[i], p->a_row, p->a_col, p->b[i], p->b_row, p->b_col, p->c[i], p->c_row,  \
                     p->accumulate, NULL);                                                                           \
  }                                                                                                                  \
                                                                                                                     \
  void ag_gemm_batched_##NAME(size_t batch, size_t m, size_t n, size_t k, const VALUE *const *a, ptrdiff_t a_row,    \
                              ptrdiff_t a_col, const VALUE *const *b, ptrdiff_t b_row, ptrdiff_t b_col,              \
                              VALUE *const *c, ptrdiff_t c_row, bool accumulate) {                                   \
    products_##NAME all = {m, n, k, a, b, a_row, a_col, b_row, b_col, c, c_row, accumulate};                         \
    size_t grain = products_per_range(TYPE, batch, m, n, k);                                                         \
    if (grain == 0)                                                                                                  \
      run_##NAME(&all, 0, batch);                                                                                    \
    else                                                                                                             \
      ag_parallel_for(batch, grain, run_##NAME, &all);                                                               \
  }

BATCHED(float, AG_F32, f32)
BATCHED(double, AG_F64, f64)
