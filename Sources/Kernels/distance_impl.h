// Distances of rows, compiled once for each instruction set.
#include "ag_simd.h"
#include "distance_kernels.h"

#define MAGNITUDE(sum, t) ((sum) + ((t) < 0 ? -(t) : (t)))
#define SQUARE(sum, t) ((sum) + (t) * (t))
#define AS_IT_IS(sum) (sum)
#define ROOT(sum) __builtin_elementwise_sqrt(sum)
#define SIGN(sum, f, t) ((sum) + ((t) > 0 ? (f) : (t) < 0 ? -(f) : (t)))  // NaN stays NaN
#define PRODUCT(sum, f, t) ((sum) + (f) * (t))

#define DISTANCE(name, type, T, V, STEP, END, SHARE)                                                \
  static void name##_##type(size_t n, size_t d, const void *from, const void *others, void *to) {   \
    const T *x = from, *y = others;                                                                 \
    T *out = to;                                                                                    \
    size_t j = 0;                                                                                   \
    for (; j + 4 * AG_LANES <= n; j += 4 * AG_LANES) {                                              \
      V a = (T)0, b = a, c = a, e = a;                                                              \
      for (size_t k = 0; k < d; k++) {                                                              \
        const T *row = y + k * n + j;                                                               \
        V s = x[k] - load_##type(row), t = x[k] - load_##type(row + AG_LANES);                      \
        V u = x[k] - load_##type(row + 2 * AG_LANES), w = x[k] - load_##type(row + 3 * AG_LANES);   \
        a = STEP(a, s);                                                                             \
        b = STEP(b, t);                                                                             \
        c = STEP(c, u);                                                                             \
        e = STEP(e, w);                                                                             \
      }                                                                                             \
      store_##type(out + j, END(a));                                                                \
      store_##type(out + j + AG_LANES, END(b));                                                     \
      store_##type(out + j + 2 * AG_LANES, END(c));                                                 \
      store_##type(out + j + 3 * AG_LANES, END(e));                                                 \
    }                                                                                               \
    for (; j < n; j += AG_LANES) {                                                                  \
      V a = (T)0;                                                                                   \
      for (size_t k = 0; k < d; k++) {                                                              \
        V t = x[k] - load_upto_##type(y + k * n + j, n - j, 0);                                     \
        a = STEP(a, t);                                                                             \
      }                                                                                             \
      store_upto_##type(out + j, n - j, END(a));                                                    \
    }                                                                                               \
  }                                                                                                 \
  static void name##_back_##type(size_t n, size_t d, const void *from, const void *others, const void *weights, \
                                 void *to) {                                                        \
    const T *x = from, *y = others, *factors = weights;                                             \
    T *dx = to;                                                                                     \
    size_t i = 0;                                                                                   \
    for (; i + 4 * AG_LANES <= d; i += 4 * AG_LANES) {                                              \
      V a = (T)0, b = a, c = a, e = a;                                                              \
      V x0 = load_##type(x + i), x1 = load_##type(x + i + AG_LANES);                                \
      V x2 = load_##type(x + i + 2 * AG_LANES), x3 = load_##type(x + i + 3 * AG_LANES);             \
      for (size_t j = 0; j < n; j++) {                                                              \
        const T *row = y + j * d + i;                                                               \
        V f = factors[j], s = x0 - load_##type(row), t = x1 - load_##type(row + AG_LANES);          \
        V u = x2 - load_##type(row + 2 * AG_LANES), w = x3 - load_##type(row + 3 * AG_LANES);       \
        a = SHARE(a, f, s);                                                                         \
        b = SHARE(b, f, t);                                                                         \
        c = SHARE(c, f, u);                                                                         \
        e = SHARE(e, f, w);                                                                         \
      }                                                                                             \
      store_##type(dx + i, a);                                                                      \
      store_##type(dx + i + AG_LANES, b);                                                           \
      store_##type(dx + i + 2 * AG_LANES, c);                                                       \
      store_##type(dx + i + 3 * AG_LANES, e);                                                       \
    }                                                                                               \
    for (; i < d; i += AG_LANES) {                                                                  \
      V a = (T)0, x0 = load_upto_##type(x + i, d - i, 0);                                           \
      for (size_t j = 0; j < n; j++) {                                                              \
        V f = factors[j], t = x0 - load_upto_##type(y + j * d + i, d - i, 0);                       \
        a = SHARE(a, f, t);                                                                         \
      }                                                                                             \
      store_upto_##type(dx + i, d - i, a);                                                          \
    }                                                                                               \
  }
#define DISTANCES(type, T, V)                                    \
  DISTANCE(taxicab, type, T, V, MAGNITUDE, AS_IT_IS, SIGN)       \
  DISTANCE(euclidean, type, T, V, SQUARE, ROOT, PRODUCT)
DISTANCES(f32, float, vf)
DISTANCES(f64, double, vd)

const ag_distance_loops AG_NAME(ag_distance_loops) = {
    .forward = {{taxicab_f32, taxicab_f64}, {euclidean_f32, euclidean_f64}},
    .backward = {{taxicab_back_f32, taxicab_back_f64}, {euclidean_back_f32, euclidean_back_f64}}};
