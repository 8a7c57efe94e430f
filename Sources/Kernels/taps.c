// Weighted sums of a few pixels for each point, their adjoint, and the gradient of the weights.
#include "ag_taps.h"

#include "ag_pool.h"
#include "ag_simd.h"
#include "shared.h"

enum {
  RANGE = 16384,  // products a thread takes at a time
  BAND = 16       // channels that a task adds to
};

typedef struct {
  const ag_taps *taps;
  const char *x, *y, *weights;
  char *out;
} tapping;

#define TAPS(type, T)                                                                          \
  /** Points begin..<end of all images. */                                                     \
  static void sum_##type(void *context, size_t begin, size_t end) {                            \
    const tapping *t = context;                                                                \
    const ag_taps *a = t->taps;                                                                \
    for (size_t point = begin; point < end; point++) {                                         \
      const T *image = (const T *)t->x + point / a->points * a->pixels * a->c;                 \
      T *y = (T *)t->out + point * a->c;                                                       \
      memset(y, 0, a->c * sizeof(T));                                                          \
      for (size_t k = point * a->taps; k < (point + 1) * a->taps; k++) {                       \
        if (a->positions[k] < 0) continue;                                                     \
        const T *x = image + (size_t)a->positions[k] * a->c, w = ((const T *)t->weights)[k];   \
        AG_LOOP for (size_t i = 0; i < a->c; i++) y[i] += w * x[i];                            \
      }                                                                                        \
    }                                                                                          \
  }                                                                                            \
  static void dot_##type(void *context, size_t begin, size_t end) {                            \
    const tapping *t = context;                                                                \
    const ag_taps *a = t->taps;                                                                \
    for (size_t point = begin; point < end; point++) {                                         \
      const T *image = (const T *)t->x + point / a->points * a->pixels * a->c;                 \
      const T *y = (const T *)t->y + point * a->c;                                             \
      for (size_t k = point * a->taps; k < (point + 1) * a->taps; k++) {                       \
        T sums[BAND] = {0}, sum = 0;                                                           \
        if (a->positions[k] >= 0) {                                                            \
          const T *x = image + (size_t)a->positions[k] * a->c;                                 \
          size_t whole = a->c / BAND * BAND;                                                   \
          for (size_t i = 0; i < whole; i += BAND)                                             \
            AG_LOOP for (size_t j = 0; j < BAND; j++) sums[j] += y[i + j] * x[i + j];          \
          for (size_t i = whole; i < a->c; i++) sum += y[i] * x[i];                            \
          for (size_t j = 0; j < BAND; j++) sum += sums[j];                                    \
        }                                                                                      \
        ((T *)t->out)[k] = sum;                                                                \
      }                                                                                        \
    }                                                                                          \
  }                                                                                            \
  /** Task n·bands + band adds to that band of channels of image n: no two tasks touch the same element. */ \
  static void spread_##type(void *context, size_t begin, size_t end) {                         \
    const tapping *t = context;                                                                \
    const ag_taps *a = t->taps;                                                                \
    size_t bands = (a->c + BAND - 1) / BAND;                                                   \
    for (size_t task = begin; task < end; task++) {                                            \
      size_t n = task / bands, channel = task % bands * BAND, width = ag_min(BAND, a->c - channel); \
      T *image = (T *)t->out + n * a->pixels * a->c + channel;                                 \
      for (size_t pixel = 0; pixel < a->pixels; pixel++) memset(image + pixel * a->c, 0, width * sizeof(T)); \
      for (size_t point = n * a->points; point < (n + 1) * a->points; point++) {               \
        const T *y = (const T *)t->y + point * a->c + channel;                                 \
        for (size_t k = point * a->taps; k < (point + 1) * a->taps; k++) {                     \
          if (a->positions[k] < 0) continue;                                                   \
          T *x = image + (size_t)a->positions[k] * a->c, w = ((const T *)t->weights)[k];       \
          AG_LOOP for (size_t i = 0; i < width; i++) x[i] += w * y[i];                         \
        }                                                                                      \
      }                                                                                        \
    }                                                                                          \
  }
TAPS(f32, float)
TAPS(f64, double)

void ag_taps_sum(ag_dtype type, const ag_taps *taps, const void *x, const void *weights, void *y) {
  tapping t = {taps, .x = x, .weights = weights, .out = y};
  size_t range = RANGE / (taps->taps * taps->c + 1) + 1;
  ag_parallel_for(taps->n * taps->points, range, type == AG_F32 ? sum_f32 : sum_f64, &t);
}

void ag_taps_spread(ag_dtype type, const ag_taps *taps, const void *y, const void *weights, void *x) {
  tapping t = {taps, .y = y, .weights = weights, .out = x};
  size_t range = RANGE / (taps->points * taps->taps * ag_min(taps->c, BAND) + taps->pixels + 1) + 1;
  ag_parallel_for(taps->n * ((taps->c + BAND - 1) / BAND), range, type == AG_F32 ? spread_f32 : spread_f64, &t);
}

void ag_taps_dot(ag_dtype type, const ag_taps *taps, const void *x, const void *y, void *weights) {
  tapping t = {taps, .x = x, .y = y, .out = weights};
  size_t range = RANGE / (taps->taps * taps->c + 1) + 1;
  ag_parallel_for(taps->n * taps->points, range, type == AG_F32 ? dot_f32 : dot_f64, &t);
}
