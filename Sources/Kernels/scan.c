// Running sums, products and linear recurrences.
#include "ag_scan.h"

#include "ag_pool.h"
#include "ag_simd.h"
#include "shared.h"

enum {
  ROWS = 8,      // processed side by side, because each value depends on the one before
  STRIP = 256,   // columns of a task
  RANGE = 16384  // elements a thread takes at a time
};

typedef struct {
  size_t n, inner, strips;
  bool reversed;
  const char *x, *a;
  char *out;
} scan;

// `y` is the previous value; `x` and `a` are the elements. `at` counts in the order of the
// scan, `from` is the position.
#define SCAN(name, T, formula)                                                                     \
  /** `rows` ≤ ROWS rows that start at x, a and out. */                                            \
  AG_INLINE void name##_some_rows(size_t rows, const scan *k, const T *xs, const T *as, T *out) {  \
    T before[ROWS] = {0};                                                                          \
    for (size_t at = 0; at < k->n; at++) {                                                         \
      size_t from = k->reversed ? k->n - 1 - at : at;                                              \
      for (size_t r = 0; r < rows; r++) {                                                          \
        T y = before[r], x = xs[r * k->n + from], a = as[r * k->n + from];                         \
        (void)a;                                                                                   \
        out[r * k->n + from] = before[r] = at == 0 ? x : (T)(formula);                             \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  static void name##_rows(void *context, size_t begin, size_t end) {                               \
    const scan *k = context;                                                                       \
    for (size_t r = begin; r < end; r += ROWS) {                                                   \
      const T *x = (const T *)k->x + r * k->n, *a = (const T *)k->a + r * k->n;                    \
      T *out = (T *)k->out + r * k->n;                                                             \
      if (end - r >= ROWS) name##_some_rows(ROWS, k, x, a, out);                                   \
      else name##_some_rows(end - r, k, x, a, out);                                                \
    }                                                                                              \
  }                                                                                                \
  static void name##_columns(void *context, size_t begin, size_t end) {                            \
    const scan *k = context;                                                                       \
    for (size_t task = begin; task < end; task++) {                                                \
      size_t column = task % k->strips * STRIP, left = k->inner - column;                          \
      size_t start = task / k->strips * k->n * k->inner + column, width = ag_min(left, STRIP); \
      for (size_t at = 0; at < k->n; at++) {                                                       \
        size_t row = start + (k->reversed ? k->n - 1 - at : at) * k->inner;                        \
        const T *xs = (const T *)k->x + row, *as = (const T *)k->a + row;                          \
        T *out = (T *)k->out + row;                                                                \
        const T *ys = k->reversed ? out + k->inner : out - k->inner;                               \
        if (at == 0) {                                                                             \
          memcpy(out, xs, width * sizeof(T));                                                      \
          continue;                                                                                \
        }                                                                                          \
        AG_LOOP for (size_t i = 0; i < width; i++) {                                               \
          T y = ys[i], x = xs[i], a = as[i];                                                       \
          (void)a;                                                                                 \
          out[i] = (T)(formula);                                                                   \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }

SCAN(sum_f32, float, y + x)
SCAN(sum_f64, double, y + x)
SCAN(sum_i64, int64_t, (uint64_t)y + (uint64_t)x)
SCAN(product_f32, float, y *x)
SCAN(product_f64, double, y *x)
SCAN(product_i64, int64_t, (uint64_t)y *(uint64_t)x)
SCAN(recurrence_f32, float, x + a * y)
SCAN(recurrence_f64, double, x + a * y)

void ag_scan(ag_scan_op op, ag_dtype type, size_t outer, size_t n, size_t inner, bool reversed, const void *x,
             const void *a, void *out) {
#define LOOPS(shape) \
  {{[AG_F32] = sum_f32_##shape, [AG_F64] = sum_f64_##shape, [AG_I64] = sum_i64_##shape},             \
   {[AG_F32] = product_f32_##shape, [AG_F64] = product_f64_##shape, [AG_I64] = product_i64_##shape}, \
   {[AG_F32] = recurrence_f32_##shape, [AG_F64] = recurrence_f64_##shape}}
  static const ag_task rows[][AG_DTYPE_COUNT] = LOOPS(rows), columns[][AG_DTYPE_COUNT] = LOOPS(columns);
  if (n == 0 || inner == 0) return;
  scan k = {n, inner, (inner + STRIP - 1) / STRIP, reversed, x, a ? a : x, out};
  if (inner == 1) {
    ag_parallel_for(outer, (RANGE / n / ROWS + 1) * ROWS, rows[op][type], &k);
  } else {
    size_t size = n * ag_min(inner, STRIP);
    ag_parallel_for(outer * k.strips, RANGE / size + 1, columns[op][type], &k);
  }
}
