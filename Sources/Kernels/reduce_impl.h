// Reductions of float32 and float64, compiled once for each instruction set.
//
// Pairwise summation: long sums are halved down to short blocks, so that rounding errors grow with the logarithm of the
// length. Four accumulators hide the latency of an addition.
#include "ag_simd.h"
#include "reduce_kernels.h"

enum { BLOCK = 1024, BLOCK_ROWS = 128 };

// `a` and `x` are scalars or vectors: an accumulator and an element, or two accumulators that are merged.
#define ADD(a, x) ((a) + (x))
#define ADD_SQUARE(a, x) ((a) + (x) * (x))
#define MULTIPLY(a, x) ((a) * (x))
#define LARGER(a, x) ((((x) > (a)) | ((x) != (x))) ? (x) : (a))  // once there is a NaN, it stays
#define SMALLER(a, x) ((((x) < (a)) | ((x) != (x))) ? (x) : (a))

#define REDUCTION(name, type, T, V, identity, STEP, MERGE)                                          \
  static T name##_of_row_##type(size_t n, const T *x) {                                             \
    if (n > BLOCK) {                                                                                \
      size_t half = (n / 2 + BLOCK - 1) / BLOCK * BLOCK;                                            \
      T first = name##_of_row_##type(half, x), second = name##_of_row_##type(n - half, x + half);   \
      return MERGE(first, second);                                                                  \
    }                                                                                               \
    T result = identity;                                                                            \
    size_t i = 0;                                                                                   \
    if (n >= AG_LANES) {                                                                            \
      V a = (V)(T)(identity), b = a, c = a, d = a;                                                  \
      for (; i + 4 * AG_LANES <= n; i += 4 * AG_LANES) {                                            \
        V w = load_##type(x + i), y = load_##type(x + i + AG_LANES);                                \
        V u = load_##type(x + i + 2 * AG_LANES), z = load_##type(x + i + 3 * AG_LANES);             \
        a = STEP(a, w);                                                                             \
        b = STEP(b, y);                                                                             \
        c = STEP(c, u);                                                                             \
        d = STEP(d, z);                                                                             \
      }                                                                                             \
      for (; i + AG_LANES <= n; i += AG_LANES) {                                                    \
        V w = load_##type(x + i);                                                                   \
        a = STEP(a, w);                                                                             \
      }                                                                                             \
      a = MERGE(a, b);                                                                              \
      c = MERGE(c, d);                                                                              \
      a = MERGE(a, c);                                                                              \
      for (int width = AG_LANES / 2; width; width /= 2)                                             \
        for (int lane = 0; lane < width; lane++) a[lane] = MERGE(a[lane], a[lane + width]);         \
      result = a[0];                                                                                \
    }                                                                                               \
    for (; i < n; i++) result = STEP(result, x[i]);                                                 \
    return result;                                                                                  \
  }                                                                                                 \
  static void name##_row_##type(size_t n, const void *x, void *out) {                               \
    *(T *)out = name##_of_row_##type(n, x);                                                         \
  }                                                                                                 \
  static void name##_columns_##type(size_t n, size_t stride, size_t width, const void *from, void *to) { \
    const T *x = from;                                                                              \
    T *out = to;                                                                                    \
    if (n > BLOCK_ROWS) {                                                                           \
      size_t half = (n / 2 + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS;                             \
      T second[AG_STRIP];                                                                           \
      name##_columns_##type(half, stride, width, x, out);                                           \
      name##_columns_##type(n - half, stride, width, x + half * stride, second);                    \
      for (size_t j = 0; j < width; j++) out[j] = MERGE(out[j], second[j]);                         \
      return;                                                                                       \
    }                                                                                               \
    size_t j = 0;                                                                                   \
    for (; j + 4 * AG_LANES <= width; j += 4 * AG_LANES) {                                          \
      V a = (V)(T)(identity), b = a, c = a, d = a;                                                  \
      for (size_t r = 0; r < n; r++) {                                                              \
        const T *row = x + r * stride + j;                                                          \
        V w = load_##type(row), y = load_##type(row + AG_LANES);                                    \
        V u = load_##type(row + 2 * AG_LANES), z = load_##type(row + 3 * AG_LANES);                 \
        a = STEP(a, w);                                                                             \
        b = STEP(b, y);                                                                             \
        c = STEP(c, u);                                                                             \
        d = STEP(d, z);                                                                             \
      }                                                                                             \
      store_##type(out + j, a);                                                                     \
      store_##type(out + j + AG_LANES, b);                                                          \
      store_##type(out + j + 2 * AG_LANES, c);                                                      \
      store_##type(out + j + 3 * AG_LANES, d);                                                      \
    }                                                                                               \
    for (; j + AG_LANES <= width; j += AG_LANES) {                                                  \
      V a = (V)(T)(identity);                                                                       \
      for (size_t r = 0; r < n; r++) {                                                              \
        V w = load_##type(x + r * stride + j);                                                      \
        a = STEP(a, w);                                                                             \
      }                                                                                             \
      store_##type(out + j, a);                                                                     \
    }                                                                                               \
    if (j == width) return;                                                                         \
    T rest[AG_LANES];                                                                               \
    size_t rest_width = width - j;                                                                  \
    for (size_t k = 0; k < rest_width; k++) rest[k] = identity;                                     \
    for (size_t r = 0; r < n; r++)                                                                  \
      for (size_t k = 0; k < rest_width; k++) rest[k] = STEP(rest[k], x[r * stride + j + k]);       \
    for (size_t k = 0; k < rest_width; k++) out[j + k] = rest[k];                                   \
  }

// Many rows of a few elements, without a call for each. Where their length is a constant, rows are vectorized across.
#define SHORT_ROWS(name, type, T, identity, STEP)                                                   \
  AG_INLINE void name##_of_few_##type(size_t rows, size_t n, const T *x, T *out) {                  \
    AG_LOOP for (size_t r = 0; r < rows; r++) {                                                     \
      T result = identity;                                                                          \
      for (size_t i = 0; i < n; i++) result = STEP(result, x[r * n + i]);                           \
      out[r] = result;                                                                              \
    }                                                                                               \
  }                                                                                                 \
  static void name##_short_##type(size_t rows, size_t n, const void *from, void *to) {              \
    const T *x = from;                                                                              \
    T *out = to;                                                                                    \
    if (n == 2) return name##_of_few_##type(rows, 2, x, out);                                       \
    if (n == 3) return name##_of_few_##type(rows, 3, x, out);                                       \
    if (n == 4) return name##_of_few_##type(rows, 4, x, out);                                       \
    for (size_t r = 0; r < rows; r++, x += n) {                                                     \
      T result = identity;                                                                          \
      for (size_t i = 0; i < n; i++) result = STEP(result, x[i]);                                   \
      out[r] = result;                                                                              \
    }                                                                                               \
  }

// The index of the first element that is the largest (or smallest), or of the first NaN if there is one.
#define SEARCH(name, extreme, type, T, V, VI, I, BEATS)                                             \
  static void name##_row_##type(size_t n, const void *from, int64_t *out) {                         \
    const T *x = from;                                                                              \
    T best = extreme##_of_row_##type(n, x);                                                         \
    size_t i = 0;                                                                                   \
    for (; i + AG_LANES <= n; i += AG_LANES) {                                                      \
      V w = load_##type(x + i);                                                                     \
      if (__builtin_reduce_or(best == best ? w == best : w != w)) break;                            \
    }                                                                                               \
    while (best == best ? x[i] != best : x[i] == x[i]) i++;                                         \
    *out = (int64_t)i;                                                                              \
  }                                                                                                 \
  static void name##_columns_##type(size_t n, size_t stride, size_t width, const void *from, int64_t *out) { \
    const T *x = from;                                                                              \
    for (size_t j = 0; j < width; j += AG_LANES) {                                                  \
      size_t w = width - j;                                                                         \
      V best = load_upto_##type(x + j, w, 0);                                                       \
      VI place = 0;                                                                                 \
      for (size_t r = 1; r < n; r++) {                                                              \
        V b = load_upto_##type(x + r * stride + j, w, 0);                                           \
        VI beats = (BEATS(b, best) | (b != b)) & (best == best);                                    \
        best = beats ? b : best;                                                                    \
        place = beats ? (VI)(I)r : place;                                                           \
      }                                                                                             \
      for (size_t lane = 0; lane < AG_LANES && lane < w; lane++) out[j + lane] = place[lane];       \
    }                                                                                               \
  }
#define ABOVE(a, b) ((a) > (b))
#define BELOW(a, b) ((a) < (b))
#define SEARCHES(type, T, V, VI, I)                \
  SEARCH(argmax, max, type, T, V, VI, I, ABOVE)    \
  SEARCH(argmin, min, type, T, V, VI, I, BELOW)

#define REDUCTIONS(type, T, V)                                            \
  REDUCTION(sum, type, T, V, 0, ADD, ADD)                                 \
  REDUCTION(sum_squares, type, T, V, 0, ADD_SQUARE, ADD)                  \
  REDUCTION(prod, type, T, V, 1, MULTIPLY, MULTIPLY)                      \
  REDUCTION(max, type, T, V, -INFINITY, LARGER, LARGER)                   \
  REDUCTION(min, type, T, V, INFINITY, SMALLER, SMALLER)                  \
  SHORT_ROWS(sum, type, T, 0, ADD)                                        \
  SHORT_ROWS(sum_squares, type, T, 0, ADD_SQUARE)                         \
  SHORT_ROWS(prod, type, T, 1, MULTIPLY)                                  \
  SHORT_ROWS(max, type, T, -INFINITY, LARGER)                             \
  SHORT_ROWS(min, type, T, INFINITY, SMALLER)
REDUCTIONS(f32, float, vf)
REDUCTIONS(f64, double, vd)
SEARCHES(f32, float, vf, vi, int32_t)
SEARCHES(f64, double, vd, vl, long)

#define ROW(name, shape) {name##_##shape##_f32, name##_##shape##_f64}
#define TABLE(shape)                                                              \
  {[AG_REDUCE_SUM] = ROW(sum, shape), [AG_REDUCE_PROD] = ROW(prod, shape),         \
   [AG_REDUCE_MAX] = ROW(max, shape), [AG_REDUCE_MIN] = ROW(min, shape),           \
   [AG_REDUCE_SUM_SQUARES] = ROW(sum_squares, shape)}
const ag_reduce_loops AG_NAME(ag_reduce_loops) = {
    .row = TABLE(row), .columns = TABLE(columns), .short_rows = TABLE(short),
    .search_row = {ROW(argmax, row), ROW(argmin, row)}, .search_columns = {ROW(argmax, columns), ROW(argmin, columns)}};
