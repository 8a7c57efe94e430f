// Per-channel scale and shift. Limited by memory bandwidth, so the baseline instruction set is enough.
#include "ag_channel.h"

#include "ag_pool.h"
#include "ag_simd.h"

enum {
  RANGE = 32768,           // elements a thread takes at a time
  BLOCK = 32 * AG_LANES    // elements that are summed in their own type before they go into a double
};

typedef struct {
  size_t outer, channels, inner;
  const void *x, *scale, *shift, *dy;
  void *out, *dscale, *dshift;
} affine;

#define AFFINE(type, T, V)                                                              \
  /** The planes begin..<end, number o·channels + c. */                                 \
  static void planes_##type(void *context, size_t begin, size_t end) {                  \
    const affine *k = context;                                                          \
    for (size_t plane = begin; plane < end; plane++) {                                  \
      const T a = k->scale ? ((const T *)k->scale)[plane % k->channels] : 1;            \
      const T b = k->shift ? ((const T *)k->shift)[plane % k->channels] : 0;            \
      const T *x = (const T *)k->x + plane * k->inner;                                  \
      T *y = (T *)k->out + plane * k->inner;                                            \
      if (k->shift) AG_LOOP for (size_t i = 0; i < k->inner; i++) y[i] = x[i] * a + b;  \
      else AG_LOOP for (size_t i = 0; i < k->inner; i++) y[i] = x[i] * a;               \
    }                                                                                   \
  }                                                                                     \
  /** The channels begin..<end. */                                                      \
  static void channels_##type(void *context, size_t begin, size_t end) {                \
    const affine *k = context;                                                          \
    for (size_t c = begin; c < end; c++) {                                              \
      const T a = k->scale ? ((const T *)k->scale)[c] : 1;                              \
      double sum = 0, product = 0;                                                      \
      for (size_t o = 0; o < k->outer; o++) {                                           \
        size_t start = (o * k->channels + c) * k->inner;                                \
        const T *x = (const T *)k->x + start, *dy = (const T *)k->dy + start;           \
        T *dx = (T *)k->out + start;                                                    \
        for (size_t first = 0; first < k->inner; first += BLOCK) {                      \
          size_t last = k->inner - first < BLOCK ? k->inner : first + BLOCK, i = first; \
          V sums = 0, products = 0, more_sums = 0, more_products = 0;                   \
          for (; i + 2 * AG_LANES <= last; i += 2 * AG_LANES) {                         \
            V g = load_##type(dy + i), h = load_##type(dy + i + AG_LANES);              \
            store_##type(dx + i, g * a);                                                \
            store_##type(dx + i + AG_LANES, h * a);                                     \
            sums += g;                                                                  \
            more_sums += h;                                                             \
            products += g * load_##type(x + i);                                         \
            more_products += h * load_##type(x + i + AG_LANES);                         \
          }                                                                             \
          sum += (double)sum_lanes_##type(sums + more_sums);                            \
          product += (double)sum_lanes_##type(products + more_products);                \
          for (; i < last; i++) {                                                       \
            T g = dy[i];                                                                \
            sum += (double)g;                                                           \
            product += (double)g * (double)x[i];                                        \
            dx[i] = g * a;                                                              \
          }                                                                             \
        }                                                                               \
      }                                                                                 \
      ((T *)k->dscale)[c] = (T)product;                                                 \
      ((T *)k->dshift)[c] = (T)sum;                                                     \
    }                                                                                   \
  }
AFFINE(f32, float, vf)
AFFINE(f64, double, vd)

void ag_channel_affine(ag_dtype type, size_t outer, size_t channels, size_t inner, const void *x, const void *scale,
                       const void *shift, void *y) {
  affine k = {.channels = channels, .inner = inner, .x = x, .scale = scale, .shift = shift, .out = y};
  ag_parallel_for(outer * channels, RANGE / (inner + 1) + 1, type == AG_F32 ? planes_f32 : planes_f64, &k);
}

void ag_channel_affine_backward(ag_dtype type, size_t outer, size_t channels, size_t inner, const void *x,
                                const void *scale, const void *dy, void *dx, void *dscale, void *dshift) {
  affine k = {.outer = outer, .channels = channels, .inner = inner, .x = x, .scale = scale, .dy = dy, .out = dx,
              .dscale = dscale, .dshift = dshift};
  ag_parallel_for(channels, RANGE / (outer * inner + 1) + 1, type == AG_F32 ? channels_f32 : channels_f64, &k);
}
