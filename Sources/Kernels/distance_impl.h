// Distances of rows, compiled once for each instruction set.
//
// Register blocking: a tile of ROWS rows by two vectors stays in registers, so that a value of y serves several rows of
// x and the additions are independent of each other. A single remaining row takes four vectors. The order of an
// element's sum does not depend on the tile that it falls into.
#include "ag_simd.h"
#include "distance_kernels.h"

enum { MOST_VECTORS = 4 };

// A vector of doubles takes two registers, and AVX-512 has twice as many registers.
#define DOUBLE_ROWS (AG_LEVEL == 2 ? 4 : 2)

#define EACH(i, count) _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)

#define MAGNITUDE(sum, t) ((sum) + ((t) < 0 ? -(t) : (t)))
#define SQUARE(sum, t) ((sum) + (t) * (t))
#define AS_IT_IS(sum) (sum)
#define ROOT(sum) __builtin_elementwise_sqrt(sum)
#define SIGN(sum, f, t) ((sum) + ((t) > 0 ? (f) : (t) < 0 ? -(f) : (t)))  // NaN stays NaN
#define PRODUCT(sum, f, t) ((sum) + (f) * (t))

/// Calls a tile function for each strip of `width` columns: for whole strips, then for single vectors of what is left.
#define STRIPS(tile, rows, width, ...)                                                              \
  const int vectors = rows == 1 ? MOST_VECTORS : 2;                                                 \
  size_t at = 0;                                                                                    \
  for (; at + (size_t)vectors * AG_LANES <= width; at += (size_t)vectors * AG_LANES)                \
    tile(rows, vectors, (size_t)vectors * AG_LANES, at, __VA_ARGS__);                               \
  for (; at < width; at += AG_LANES) tile(rows, 1, width - at, at, __VA_ARGS__);

#define DISTANCE(name, type, T, V, ROWS, STEP, END, SHARE)                                          \
  AG_INLINE void name##_tile_##type(const int rows, const int vectors, size_t width, size_t at, size_t n, size_t d, \
                                    const T *x, const T *y, T *out) {                               \
    V sum[ROWS][MOST_VECTORS], other[MOST_VECTORS];                                                 \
    EACH(i, rows) EACH(v, vectors) sum[i][v] = (T)0;                                                \
    for (size_t k = 0; k < d; k++) {                                                                \
      EACH(v, vectors) other[v] = load_upto_##type(y + k * n + at + v * AG_LANES, width - (size_t)v * AG_LANES, 0); \
      EACH(i, rows) EACH(v, vectors) {                                                              \
        V t = x[(size_t)i * d + k] - other[v];                                                      \
        sum[i][v] = STEP(sum[i][v], t);                                                             \
      }                                                                                             \
    }                                                                                               \
    EACH(i, rows) EACH(v, vectors)                                                                  \
      store_upto_##type(out + (size_t)i * n + at + v * AG_LANES, width - (size_t)v * AG_LANES, END(sum[i][v])); \
  }                                                                                                 \
  AG_INLINE void name##_back_tile_##type(const int rows, const int vectors, size_t width, size_t at, size_t n, size_t d, \
                                         const T *x, const T *y, const T *factors, T *dx) {         \
    V own[ROWS][MOST_VECTORS], sum[ROWS][MOST_VECTORS], other[MOST_VECTORS];                        \
    EACH(i, rows) EACH(v, vectors) {                                                                \
      own[i][v] = load_upto_##type(x + (size_t)i * d + at + v * AG_LANES, width - (size_t)v * AG_LANES, 0); \
      sum[i][v] = (T)0;                                                                             \
    }                                                                                               \
    for (size_t j = 0; j < n; j++) {                                                                \
      EACH(v, vectors) other[v] = load_upto_##type(y + j * d + at + v * AG_LANES, width - (size_t)v * AG_LANES, 0); \
      EACH(i, rows) {                                                                               \
        V f = factors[(size_t)i * n + j];                                                           \
        EACH(v, vectors) {                                                                          \
          V t = own[i][v] - other[v];                                                               \
          sum[i][v] = SHARE(sum[i][v], f, t);                                                       \
        }                                                                                           \
      }                                                                                             \
    }                                                                                               \
    EACH(i, rows) EACH(v, vectors)                                                                  \
      store_upto_##type(dx + (size_t)i * d + at + v * AG_LANES, width - (size_t)v * AG_LANES, sum[i][v]); \
  }                                                                                                 \
  AG_INLINE void name##_rows_##type(const int rows, size_t n, size_t d, const T *x, const T *y, T *out) { \
    STRIPS(name##_tile_##type, rows, n, n, d, x, y, out)                                            \
  }                                                                                                 \
  AG_INLINE void name##_back_rows_##type(const int rows, size_t n, size_t d, const T *x, const T *y, const T *factors, \
                                         T *dx) {                                                   \
    STRIPS(name##_back_tile_##type, rows, d, n, d, x, y, factors, dx)                               \
  }                                                                                                 \
  static void name##_##type(size_t m, size_t n, size_t d, const void *from, const void *y, void *to) { \
    const T *x = from;                                                                              \
    T *out = to;                                                                                    \
    size_t i = 0;                                                                                   \
    for (; i + ROWS <= m; i += ROWS) name##_rows_##type(ROWS, n, d, x + i * d, y, out + i * n);     \
    for (; i < m; i++) name##_rows_##type(1, n, d, x + i * d, y, out + i * n);                      \
  }                                                                                                 \
  static void name##_back_##type(size_t m, size_t n, size_t d, const void *from, const void *y, const void *weights, \
                                 void *to) {                                                        \
    const T *x = from, *factors = weights;                                                          \
    T *dx = to;                                                                                     \
    size_t i = 0;                                                                                   \
    for (; i + ROWS <= m; i += ROWS) name##_back_rows_##type(ROWS, n, d, x + i * d, y, factors + i * n, dx + i * d); \
    for (; i < m; i++) name##_back_rows_##type(1, n, d, x + i * d, y, factors + i * n, dx + i * d); \
  }
#define DISTANCES(type, T, V, ROWS)                                                                 \
  DISTANCE(taxicab, type, T, V, ROWS, MAGNITUDE, AS_IT_IS, SIGN)                                    \
  DISTANCE(euclidean, type, T, V, ROWS, SQUARE, ROOT, PRODUCT)
DISTANCES(f32, float, vf, 4)
DISTANCES(f64, double, vd, DOUBLE_ROWS)

const ag_distance_loops AG_NAME(ag_distance_loops) = {
    .forward = {{taxicab_f32, taxicab_f64}, {euclidean_f32, euclidean_f64}},
    .backward = {{taxicab_back_f32, taxicab_back_f64}, {euclidean_back_f32, euclidean_back_f64}}};
