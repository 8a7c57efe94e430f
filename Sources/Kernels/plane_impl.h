// Sums, combinations and resampling of planes, compiled once for each instruction set.
#include "plane_kernels.h"

enum {
  BLOCK = 32 * AG_LANES,  // elements that are summed in their own type before they go into a double
  STRIP = 16              // pixels per loop: one loop finds their sources, one fetches these, one interpolates
};

#define PLANES(type, T, V)                                                                                   \
  static void sums_##type(size_t n, const void *of_x, double of_shift, const void *of_y, double sums[2]) {   \
    const T *x = of_x, *y = of_y, shift = (T)of_shift;                                                       \
    double sum = 0, product = 0;                                                                             \
    for (size_t first = 0; first < n; first += BLOCK) {                                                      \
      size_t last = n - first < BLOCK ? n : first + BLOCK, i = first;                                        \
      V s = (T)0, p = s, more_s = s, more_p = s;                                                             \
      for (; i + 2 * AG_LANES <= last; i += 2 * AG_LANES) {                                                  \
        V t = load_##type(x + i) - shift, u = load_##type(x + i + AG_LANES) - shift;                         \
        V g = y ? load_##type(y + i) : t, h = y ? load_##type(y + i + AG_LANES) : u;                         \
        s += g;                                                                                              \
        more_s += h;                                                                                         \
        p = fma_##type(g, t, p);                                                                             \
        more_p = fma_##type(h, u, more_p);                                                                   \
      }                                                                                                      \
      sum += (double)sum_lanes_##type(s + more_s);                                                           \
      product += (double)sum_lanes_##type(p + more_p);                                                       \
      for (; i < last; i++) {                                                                                \
        T t = x[i] - shift, g = y ? y[i] : t;                                                                \
        sum += (double)g;                                                                                    \
        product += (double)g * (double)t;                                                                    \
      }                                                                                                      \
    }                                                                                                        \
    sums[0] = sum;                                                                                           \
    sums[1] = product;                                                                                       \
  }                                                                                                          \
  static void combine_##type(size_t n, double of_a, const void *of_x, double of_shift, double of_b,          \
                             const void *of_y, double of_c, void *of_out) {                                  \
    const T *x = of_x, *y = of_y, a = (T)of_a, shift = (T)of_shift, b = (T)of_b, c = (T)of_c;                \
    T *out = of_out;                                                                                         \
    if (y) AG_LOOP for (size_t i = 0; i < n; i++) out[i] = a * (x[i] - shift) + (b * y[i] + c);              \
    else AG_LOOP for (size_t i = 0; i < n; i++) out[i] = a * (x[i] - shift) + c;                             \
  }
PLANES(f32, float, vf)
PLANES(f64, double, vd)

// A pixel from outside is read from the zeros of the frame. Contraction is off, so that every
// level gives the same bits.
#define RESAMPLE(type, T)                                                                                    \
  static void resample_##type(size_t height, size_t width, const double map[6], const void *framed, void *out) { \
    _Pragma("clang fp contract(off)")                                                                        \
    const double w = (double)width, h = (double)height, center_x = (w - 1) / 2, center_y = (h - 1) / 2;      \
    const size_t stride = width + AG_FRAME;                                                                  \
    int32_t left[STRIP], top[STRIP];                                                                         \
    T right[STRIP], down[STRIP], mixed[STRIP];                                                               \
    struct { T left, right; } upper[STRIP], lower[STRIP];                                                    \
    for (size_t row = 0; row < height; row++)                                                                \
      for (size_t first = 0; first < width; first += STRIP) {                                                \
        const size_t count = width - first < STRIP ? width - first : STRIP;                                  \
        const double dy = (double)row - center_y - map[5];                                                   \
        AG_LOOP for (int32_t i = 0; i < STRIP; i++) {                                                        \
          double dx = (double)((int32_t)first + i) - center_x - map[2];                                      \
          double x = map[0] * dx + map[1] * dy + center_x, y = map[3] * dx + map[4] * dy + center_y;         \
          bool is_near = (x > -1) & (y > -1) & (x < w) & (y < h);                                            \
          x = is_near ? x : w;                                                                               \
          y = is_near ? y : h;                                                                               \
          left[i] = (int32_t)(x + 1);                                                                        \
          top[i] = (int32_t)(y + 1);                                                                         \
          right[i] = (T)(x - (left[i] - 1));                                                                 \
          down[i] = (T)(y - (top[i] - 1));                                                                   \
        }                                                                                                    \
        _Pragma("clang loop vectorize(disable)") for (size_t i = 0; i < count; i++) {                        \
          const T *pixel = (const T *)framed + (size_t)top[i] * stride + (size_t)left[i];                    \
          memcpy(&upper[i], pixel, sizeof upper[i]);                                                         \
          memcpy(&lower[i], pixel + stride, sizeof lower[i]);                                                \
        }                                                                                                    \
        AG_LOOP for (size_t i = 0; i < STRIP; i++)                                                           \
          mixed[i] = (upper[i].left * (1 - right[i]) + upper[i].right * right[i]) * (1 - down[i]) +          \
                     (lower[i].left * (1 - right[i]) + lower[i].right * right[i]) * down[i];                 \
        memcpy((T *)out + row * width + first, mixed, count * sizeof(T));                                    \
      }                                                                                                      \
  }
RESAMPLE(f32, float)
RESAMPLE(f64, double)

const ag_plane_loops AG_NAME(ag_plane_loops) = {
    .sums = {sums_f32, sums_f64},
    .combine = {combine_f32, combine_f64},
    .resample = {resample_f32, resample_f64},
};
