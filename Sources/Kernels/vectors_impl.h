// The loops of factorizations, compiled once for each instruction set.
#include "ag_simd.h"
#include "vectors_kernels.h"

enum { AHEAD = 4 };  // registers of a row that go through all rotations together

#define VECTORS(type, T, V)                                                                          \
  static T dot_##type(size_t n, const T *x, const T *y) {                                            \
    V a = (T)0, b = a, c = a, d = a;                                                                 \
    size_t i = 0;                                                                                    \
    for (; i + 4 * AG_LANES <= n; i += 4 * AG_LANES) {                                               \
      a = fma_##type(load_##type(x + i), load_##type(y + i), a);                                     \
      b = fma_##type(load_##type(x + i + AG_LANES), load_##type(y + i + AG_LANES), b);               \
      c = fma_##type(load_##type(x + i + 2 * AG_LANES), load_##type(y + i + 2 * AG_LANES), c);       \
      d = fma_##type(load_##type(x + i + 3 * AG_LANES), load_##type(y + i + 3 * AG_LANES), d);       \
    }                                                                                                \
    for (; i < n; i += AG_LANES)                                                                     \
      a = fma_##type(load_upto_##type(x + i, n - i, 0), load_upto_##type(y + i, n - i, 0), a);       \
    return sum_lanes_##type((a + b) + (c + d));                                                      \
  }                                                                                                  \
  static void add_scaled_##type(size_t n, T factor, const T *x, T *y) {                              \
    AG_LOOP for (size_t i = 0; i < n; i++) y[i] += factor * x[i];                                    \
  }                                                                                                  \
  static void rotate_##type(size_t n, T c, T s, T *x, T *y) {                                        \
    AG_LOOP for (size_t i = 0; i < n; i++) {                                                         \
      T a = x[i], b = y[i];                                                                          \
      x[i] = c * a - s * b;                                                                          \
      y[i] = s * a + c * b;                                                                          \
    }                                                                                                \
  }                                                                                                  \
  static void rotate_rows_##type(size_t count, size_t n, const T *c, const T *s, T *rows) {          \
    /* Strips of columns: the row that two rotations share stays in registers. */                    \
    size_t i = 0;                                                                                    \
    for (; i + AHEAD * AG_LANES <= n; i += AHEAD * AG_LANES) {                                       \
      T *row = rows + count * n + i;                                                                 \
      V high[AHEAD];                                                                                 \
      for (int k = 0; k < AHEAD; k++) high[k] = load_##type(row + k * AG_LANES);                     \
      for (size_t pair = count; pair-- > 0; row -= n)                                                \
        for (int k = 0; k < AHEAD; k++) {                                                            \
          V low = load_##type(row - n + k * AG_LANES);                                               \
          store_##type(row + k * AG_LANES, fma_##type(low, (V)s[pair], high[k] * c[pair]));          \
          high[k] = fma_##type(high[k], (V)-s[pair], low * c[pair]);                                 \
        }                                                                                            \
      for (int k = 0; k < AHEAD; k++) store_##type(row + k * AG_LANES, high[k]);                     \
    }                                                                                                \
    for (; i < n; i += AG_LANES) {                                                                   \
      T *row = rows + count * n + i;                                                                 \
      V high = load_upto_##type(row, n - i, 0);                                                      \
      for (size_t pair = count; pair-- > 0; row -= n) {                                              \
        V low = load_upto_##type(row - n, n - i, 0);                                                 \
        store_upto_##type(row, n - i, fma_##type(low, (V)s[pair], high * c[pair]));                  \
        high = fma_##type(high, (V)-s[pair], low * c[pair]);                                         \
      }                                                                                              \
      store_upto_##type(row, n - i, high);                                                           \
    }                                                                                                \
  }                                                                                                  \
  static void update_and_multiply_##type(size_t count, size_t n, size_t stride, const T *v, const T *w, const T *next, \
                                         T *rows, T *products) {                                     \
    for (size_t j = 0; j < count; j++) {                                                             \
      T *row = rows + j * stride;                                                                    \
      if (!v) {                                                                                      \
        products[j] = dot_##type(n, row, next);                                                      \
        continue;                                                                                    \
      }                                                                                              \
      const V left = v[j], right = w[j];                                                             \
      V a = (T)0, b = a;                                                                             \
      size_t i = 0;                                                                                  \
      for (; i + 2 * AG_LANES <= n; i += 2 * AG_LANES) {                                             \
        V x = load_##type(row + i), y = load_##type(row + i + AG_LANES);                             \
        x = fma_##type(-left, load_##type(w + i), fma_##type(-right, load_##type(v + i), x));        \
        y = fma_##type(-left, load_##type(w + i + AG_LANES),                                         \
                       fma_##type(-right, load_##type(v + i + AG_LANES), y));                        \
        store_##type(row + i, x);                                                                    \
        store_##type(row + i + AG_LANES, y);                                                         \
        a = fma_##type(x, load_##type(next + i), a);                                                 \
        b = fma_##type(y, load_##type(next + i + AG_LANES), b);                                      \
      }                                                                                              \
      for (; i < n; i += AG_LANES) {                                                                 \
        size_t left_over = n - i;                                                                    \
        V x = fma_##type(-left, load_upto_##type(w + i, left_over, 0),                               \
                         fma_##type(-right, load_upto_##type(v + i, left_over, 0),                   \
                                    load_upto_##type(row + i, left_over, 0)));                       \
        store_upto_##type(row + i, left_over, x);                                                    \
        a = fma_##type(x, load_upto_##type(next + i, left_over, 0), a);                              \
      }                                                                                              \
      products[j] = sum_lanes_##type(a + b);                                                         \
    }                                                                                                \
  }                                                                                                  \
  const ag_vector_loops_##type AG_NAME(ag_vector_loops_##type) = {dot_##type, add_scaled_##type, rotate_##type, \
                                                                  rotate_rows_##type, update_and_multiply_##type};
VECTORS(f32, float, vf)
VECTORS(f64, double, vd)
