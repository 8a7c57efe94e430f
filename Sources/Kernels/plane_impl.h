// Planes summed up and combined, compiled once for each instruction set.
#include "plane_kernels.h"

enum { BLOCK = 32 * AG_LANES };  // elements that are added up in float type before they go into a double

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

const ag_plane_loops AG_NAME(ag_plane_loops) = {
    .sums = {sums_f32, sums_f64},
    .combine = {combine_f32, combine_f64},
};
