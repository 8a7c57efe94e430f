// Reductions of integers and bool, and the searches for their largest and smallest element.
#include "ag_pool.h"
#include "reduce_kernels.h"

enum { RANGE = 32768 };  // elements a thread takes at a time

typedef struct {
  size_t n, inner;
  const void *x;
  void *out;
} axis;

typedef void (*axis_loop)(void *context, size_t begin, size_t end);

/// Every loop takes the outer blocks begin..<end.
static void run(axis_loop loop, axis *k, size_t outer) {
  size_t block = k->n * k->inner;
  if (outer * block < 2 * RANGE) loop(k, 0, outer);
  else ag_parallel_for(outer, block < RANGE ? RANGE / block : 1, loop, k);
}

// MARK: integers

/// Accumulates the results of a block in place, row after row. Sums and products are computed in uint64_t, which wraps.
#define REDUCTION(name, T, R, identity, formula)                             \
  static void name(void *context, size_t begin, size_t end) {                \
    const axis *k = context;                                                 \
    for (size_t o = begin; o < end; o++) {                                   \
      const T *x = (const T *)k->x + o * k->n * k->inner;                    \
      R *out = (R *)k->out + o * k->inner;                                   \
      for (size_t j = 0; j < k->inner; j++) out[j] = (R)(identity);          \
      for (size_t i = 0; i < k->n; i++, x += k->inner)                       \
        for (size_t j = 0; j < k->inner; j++) {                              \
          R a = out[j];                                                      \
          T b = x[j];                                                        \
          out[j] = (R)(formula);                                             \
        }                                                                    \
    }                                                                        \
  }
#define REDUCTIONS(type, T, least, greatest)                                             \
  REDUCTION(sum_##type, T, int64_t, 0, (uint64_t)a + (uint64_t)b)                        \
  REDUCTION(prod_##type, T, int64_t, 1, (uint64_t)a * (uint64_t)b)                       \
  REDUCTION(max_##type, T, T, least, a > b ? a : b)                                      \
  REDUCTION(min_##type, T, T, greatest, a < b ? a : b)
REDUCTIONS(i32, int32_t, INT32_MIN, INT32_MAX)
REDUCTIONS(i64, int64_t, INT64_MIN, INT64_MAX)
REDUCTIONS(u8, uint8_t, 0, UINT8_MAX)
REDUCTION(any, uint8_t, uint8_t, 0, (a != 0) | (b != 0))
REDUCTION(all, uint8_t, uint8_t, 1, (a != 0) & (b != 0))

#define ROW(name, bool_loop) \
  {[AG_I32] = name##_i32, [AG_I64] = name##_i64, [AG_U8] = name##_u8, [AG_BOOL] = bool_loop}
static const axis_loop reductions[][AG_DTYPE_COUNT] = {
    [AG_REDUCE_SUM] = ROW(sum, sum_u8), [AG_REDUCE_PROD] = ROW(prod, prod_u8), [AG_REDUCE_MAX] = ROW(max, any),
    [AG_REDUCE_MIN] = ROW(min, all),    [AG_REDUCE_ANY] = {[AG_BOOL] = any},   [AG_REDUCE_ALL] = {[AG_BOOL] = all}};

void ag_reduce_integers(ag_reduce_op op, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x,
                        void *out) {
  axis k = {n, inner, x, out};
  if (reductions[op][type]) run(reductions[op][type], &k, outer);
}

// MARK: argmax and argmin

/// The first element that no other beats.
#define SEARCH(name, T, better)                                              \
  static void name(void *context, size_t begin, size_t end) {                \
    const axis *k = context;                                                 \
    for (size_t o = begin; o < end; o++)                                     \
      for (size_t j = 0; j < k->inner; j++) {                                \
        const T *column = (const T *)k->x + o * k->n * k->inner + j;         \
        size_t best = 0;                                                     \
        T a = column[0];                                                     \
        for (size_t i = 1; i < k->n; i++) {                                  \
          T b = column[i * k->inner];                                        \
          if (better) best = i, a = b;                                       \
        }                                                                    \
        ((int64_t *)k->out)[o * k->inner + j] = (int64_t)best;               \
      }                                                                      \
  }
#define SEARCHES(type, T)             \
  SEARCH(argmax_##type, T, b > a)     \
  SEARCH(argmin_##type, T, b < a)
SEARCHES(i32, int32_t)
SEARCHES(i64, int64_t)
SEARCHES(u8, uint8_t)

void ag_search_integers(bool smallest, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x,
                        int64_t *out) {
#define SEARCH_ROW(name) {[AG_I32] = name##_i32, [AG_I64] = name##_i64, [AG_U8] = name##_u8, [AG_BOOL] = name##_u8}
  static const axis_loop searches[2][AG_DTYPE_COUNT] = {SEARCH_ROW(argmax), SEARCH_ROW(argmin)};
  axis k = {n, inner, x, out};
  run(searches[smallest][type], &k, outer);
}
