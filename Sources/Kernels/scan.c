// Running sums, products, logarithms of sums, linear recurrences, and extremes.
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
#define SCAN(name, T, formula) SCAN_BY(AG_LOOP, name, T, formula)
#define SCAN_BY(LOOP, name, T, formula)                                                            \
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
        if (at == 0) {                                                                             \
          memcpy(out, xs, width * sizeof(T));                                                      \
          continue;                                                                                \
        }                                                                                          \
        const T *ys = k->reversed ? out + k->inner : out - k->inner;                               \
        LOOP for (size_t i = 0; i < width; i++) {                                                  \
          T y = ys[i], x = xs[i], a = as[i];                                                       \
          (void)a;                                                                                 \
          out[i] = (T)(formula);                                                                   \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }

/// log(eᵃ + eᵇ)
#define LOG_ADD_EXP(name, T, exp, log1p)                                   \
  AG_INLINE T name(T a, T b) {                                             \
    T larger = a > b || a != a ? a : b, distance = a < b ? a - b : b - a;  \
    return a == b ? a + (T)0.6931471805599453 : larger + log1p(exp(distance)); \
  }
LOG_ADD_EXP(log_add_exp_f32, float, expf, log1pf)
LOG_ADD_EXP(log_add_exp_f64, double, exp, log1p)

SCAN(sum_f32, float, y + x)
SCAN(sum_f64, double, y + x)
SCAN(sum_i64, int64_t, (uint64_t)y + (uint64_t)x)
SCAN(product_f32, float, y *x)
SCAN(product_f64, double, y *x)
SCAN(product_i64, int64_t, (uint64_t)y *(uint64_t)x)
SCAN_BY(, logsumexp_f32, float, log_add_exp_f32(y, x))
SCAN_BY(, logsumexp_f64, double, log_add_exp_f64(y, x))
SCAN(recurrence_f32, float, x + a * y)
SCAN(recurrence_f64, double, x + a * y)

void ag_scan(ag_scan_op op, ag_dtype type, size_t outer, size_t n, size_t inner, bool reversed, const void *x,
             const void *a, void *out) {
#define LOOPS(shape) \
  {{[AG_F32] = sum_f32_##shape, [AG_F64] = sum_f64_##shape, [AG_I64] = sum_i64_##shape},             \
   {[AG_F32] = product_f32_##shape, [AG_F64] = product_f64_##shape, [AG_I64] = product_i64_##shape}, \
   {[AG_F32] = logsumexp_f32_##shape, [AG_F64] = logsumexp_f64_##shape},                             \
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

typedef struct {
  size_t n, inner, strips;
  const char *x;
  char *values;
  int64_t *places;
} extremes;

/// Task o·strips + strip walks that strip of columns of block o.
#define EXTREME(name, T, comparison)                                                               \
  static void name(void *context, size_t begin, size_t end) {                                      \
    const extremes *e = context;                                                                   \
    for (size_t task = begin; task < end; task++) {                                                \
      size_t column = task % e->strips * STRIP, width = ag_min(e->inner - column, STRIP);          \
      size_t start = task / e->strips * e->n * e->inner + column;                                  \
      if (e->inner == 1) {                                                                         \
        /* Not through `e`, which a store of a position might change for all that is known. */     \
        const T *xs = (const T *)e->x + start;                                                     \
        T *values = (T *)e->values + start, so_far = xs[0];                                        \
        int64_t *places = e->places + start, position = 0;                                         \
        for (size_t k = 0, n = e->n; k < n; k++) {                                                 \
          if (xs[k] comparison so_far || xs[k] != xs[k]) so_far = xs[k], position = (int64_t)k;    \
          values[k] = so_far;                                                                      \
          places[k] = position;                                                                    \
        }                                                                                          \
        continue;                                                                                  \
      }                                                                                            \
      T best[STRIP];                                                                               \
      int64_t at[STRIP];                                                                           \
      for (size_t i = 0; i < width; i++) best[i] = ((const T *)e->x)[start + i], at[i] = 0;        \
      for (size_t k = 0; k < e->n; k++, start += e->inner) {                                       \
        const T *xs = (const T *)e->x + start;                                                     \
        T *values = (T *)e->values + start;                                                        \
        int64_t *places = e->places + start;                                                       \
        for (size_t i = 0; i < width; i++) {                                                       \
          T x = xs[i];                                                                             \
          bool is_new = x comparison best[i] || x != x;                                            \
          values[i] = best[i] = is_new ? x : best[i];                                              \
          places[i] = at[i] = is_new ? (int64_t)k : at[i];                                         \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }
#define EXTREMES(type, T) EXTREME(largest_##type, T, >=) EXTREME(smallest_##type, T, <=)
EXTREMES(f32, float)
EXTREMES(f64, double)
EXTREMES(i32, int32_t)
EXTREMES(i64, int64_t)
EXTREMES(u8, uint8_t)

void ag_running_extreme(ag_dtype type, size_t outer, size_t n, size_t inner, bool largest, const void *x, void *values,
                        int64_t *places) {
  static const ag_task loops[2][AG_DTYPE_COUNT] = {
      {[AG_F32] = smallest_f32, [AG_F64] = smallest_f64, [AG_I32] = smallest_i32, [AG_I64] = smallest_i64,
       [AG_U8] = smallest_u8, [AG_BOOL] = smallest_u8},
      {[AG_F32] = largest_f32, [AG_F64] = largest_f64, [AG_I32] = largest_i32, [AG_I64] = largest_i64,
       [AG_U8] = largest_u8, [AG_BOOL] = largest_u8}};
  if (n == 0 || inner == 0) return;
  extremes e = {n, inner, (inner + STRIP - 1) / STRIP, x, values, places};
  ag_parallel_for(outer * e.strips, RANGE / (n * ag_min(inner, STRIP)) + 1, loops[largest][type], &e);
}
