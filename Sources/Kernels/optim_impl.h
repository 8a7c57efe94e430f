// Fused optimizer steps for float32 and float64, compiled once for each instruction set.
#include "ag_simd.h"
#include "optim_kernels.h"

#define OPTIMIZERS(type, T)                                                                             \
  static void sgd_##type(size_t n, void *to, const void *from, void *state, const ag_sgd_rates *rates) { \
    T *p = to, *buffer = state;                                                                         \
    const T *g = from;                                                                                  \
    T lr = (T)rates->lr, momentum = (T)rates->momentum, fresh = (T)rates->fresh;                        \
    T decay = (T)rates->weight_decay, sign = (T)rates->sign;                                            \
    if (!buffer) {                                                                                      \
      AG_LOOP for (size_t i = 0; i < n; i++) p[i] -= lr * (sign * g[i] + decay * p[i]);                 \
      return;                                                                                           \
    }                                                                                                   \
    bool first_step = rates->first;                                                                    \
    T ahead = rates->nesterov ? momentum : 1, own = rates->nesterov ? 1 : 0;                            \
    AG_LOOP for (size_t i = 0; i < n; i++) {                                                            \
      T d = sign * g[i] + decay * p[i];                                                                 \
      T b = first_step ? d : momentum * buffer[i] + fresh * d;                                         \
      buffer[i] = b;                                                                                    \
      p[i] -= lr * (own * d + ahead * b);                                                               \
    }                                                                                                   \
  }                                                                                                     \
  /* Inlined with and without v_max, as a condition within the loop would keep it from being vectorised. */ \
  AG_INLINE void adam_with_##type(size_t n, T *p, const T *g, T *m, T *v, T *v_max, bool amsgrad,       \
                                  const ag_adam_rates *rates) {                                         \
    T shrink = (T)rates->shrink, decay = (T)rates->weight_decay, sign = (T)rates->sign;                 \
    T fresh1 = (T)rates->fresh1, beta2 = (T)rates->beta2, fresh2 = (T)rates->fresh2;                    \
    T root_scale = (T)rates->root_scale, step_size = (T)rates->step_size, epsilon = (T)rates->epsilon;  \
    AG_LOOP for (size_t i = 0; i < n; i++) {                                                            \
      T q = p[i] * shrink;                                                                              \
      T d = sign * g[i] + decay * q;                                                                    \
      T mean = m[i] + fresh1 * (d - m[i]);                                                              \
      T square = beta2 * v[i] + fresh2 * d * d;                                                         \
      m[i] = mean;                                                                                      \
      v[i] = square;                                                                                    \
      if (amsgrad) v_max[i] = square = square < v_max[i] ? v_max[i] : square;                           \
      p[i] = q - step_size * mean / (__builtin_elementwise_sqrt(square) * root_scale + epsilon);        \
    }                                                                                                   \
  }                                                                                                     \
  static void adam_##type(size_t n, void *p, const void *g, void *m, void *v, void *v_max,              \
                          const ag_adam_rates *rates) {                                                 \
    if (v_max) adam_with_##type(n, p, g, m, v, v_max, true, rates);                                     \
    else adam_with_##type(n, p, g, m, v, NULL, false, rates);                                           \
  }
OPTIMIZERS(f32, float)
OPTIMIZERS(f64, double)

const ag_optim_loops AG_NAME(ag_optim_loops) = {.sgd = {sgd_f32, sgd_f64}, .adam = {adam_f32, adam_f64}};
