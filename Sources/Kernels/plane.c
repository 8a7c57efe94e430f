// Planes combined and summed up. Memory is the limit, so the baseline instruction set serves.
#include "ag_plane.h"

#include "ag_pool.h"
#include "ag_simd.h"
#include "elementwise_grid.h"

enum {
  RANGE = 32768,         // elements a thread takes at a time
  BLOCK = 32 * AG_LANES  // elements that are added up in float type before they go into a double
};

typedef struct {
  size_t inner;
  const void *a, *x, *shift, *b, *y, *c;
  void *out;
} planes;

#define PLANES(type, T, V)                                                              \
  static void combine_##type(void *context, size_t begin, size_t end) {                 \
    const planes *k = context;                                                          \
    for (size_t plane = begin; plane < end; plane++) {                                  \
      const T a = ((const T *)k->a)[plane], c = ((const T *)k->c)[plane];               \
      const T shift = ((const T *)k->shift)[plane];                                     \
      const T *x = (const T *)k->x + plane * k->inner;                                  \
      T *out = (T *)k->out + plane * k->inner;                                          \
      if (k->y) {                                                                       \
        const T b = ((const T *)k->b)[plane], *y = (const T *)k->y + plane * k->inner;  \
        AG_LOOP for (size_t i = 0; i < k->inner; i++) out[i] = a * (x[i] - shift) + (b * y[i] + c); \
      } else {                                                                          \
        AG_LOOP for (size_t i = 0; i < k->inner; i++) out[i] = a * (x[i] - shift) + c; \
      }                                                                                 \
    }                                                                                   \
  }                                                                                     \
  static void sums_##type(void *context, size_t begin, size_t end) {                    \
    const planes *k = context;                                                          \
    for (size_t plane = begin; plane < end; plane++) {                                  \
      const T shift = ((const T *)k->shift)[plane], *x = (const T *)k->x + plane * k->inner; \
      const T *y = k->y ? (const T *)k->y + plane * k->inner : NULL;                    \
      double sum = 0, product = 0;                                                      \
      for (size_t first = 0; first < k->inner; first += BLOCK) {                        \
        size_t last = k->inner - first < BLOCK ? k->inner : first + BLOCK, i = first;   \
        V s = 0, p = 0, more_s = 0, more_p = 0;                                         \
        for (; i + 2 * AG_LANES <= last; i += 2 * AG_LANES) {                           \
          V t = load_##type(x + i) - shift, u = load_##type(x + i + AG_LANES) - shift;  \
          V g = y ? load_##type(y + i) : t, h = y ? load_##type(y + i + AG_LANES) : u;  \
          s += g;                                                                       \
          more_s += h;                                                                  \
          p += g * t;                                                                   \
          more_p += h * u;                                                              \
        }                                                                               \
        sum += (double)sum_lanes_##type(s + more_s);                                    \
        product += (double)sum_lanes_##type(p + more_p);                                \
        for (; i < last; i++) {                                                         \
          T t = x[i] - shift, g = y ? y[i] : t;                                         \
          sum += (double)g;                                                             \
          product += (double)g * (double)t;                                             \
        }                                                                               \
      }                                                                                 \
      ((T *)k->out)[2 * plane] = (T)sum;                                                \
      ((T *)k->out)[2 * plane + 1] = (T)product;                                        \
    }                                                                                   \
  }
PLANES(f32, float, vf)
PLANES(f64, double, vd)

void ag_plane_combine(ag_dtype type, size_t count, size_t inner, const void *a, const void *x, const void *shift,
                      const void *b, const void *y, const void *c, void *out) {
  planes k = {inner, a, x, shift, b, y, c, out};
  ag_parallel_for(count, RANGE / (inner + 1) + 1, type == AG_F32 ? combine_f32 : combine_f64, &k);
}

void ag_plane_sums(ag_dtype type, size_t count, size_t inner, const void *x, const void *shift, const void *y,
                   void *sums) {
  planes k = {.inner = inner, .x = x, .shift = shift, .y = y, .out = sums};
  ag_parallel_for(count, RANGE / (inner + 1) + 1, type == AG_F32 ? sums_f32 : sums_f64, &k);
}
