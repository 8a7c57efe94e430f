// The loops of the fused optimizer steps, and the tables that hold them.
#ifndef AG_OPTIM_KERNELS_H
#define AG_OPTIM_KERNELS_H
#include "ag_optim.h"

typedef struct {
  double lr, momentum, fresh;  // fresh: the share of the gradient in the buffer
  double weight_decay, sign;   // sign: −1 to maximize
  bool nesterov;
  bool first;  // the buffer holds nothing yet and becomes the gradient
} ag_sgd_rates;

typedef struct {
  double shrink;           // of the parameter, by decoupled weight decay
  double weight_decay, sign;
  double fresh1, beta2, fresh2;
  double root_scale;       // 1 / √(1 − beta2ˢᵗᵉᵖ)
  double step_size;        // lr / (1 − beta1ˢᵗᵉᵖ)
  double epsilon;
} ag_adam_rates;

/// Indexed by float type. `buffer` and `v_max` may be NULL.
typedef struct {
  void (*sgd[2])(size_t n, void *p, const void *g, void *buffer, const ag_sgd_rates *rates);
  void (*adam[2])(size_t n, void *p, const void *g, void *m, void *v, void *v_max, const ag_adam_rates *rates);
} ag_optim_loops;

extern const ag_optim_loops ag_optim_loops_baseline, ag_optim_loops_avx2, ag_optim_loops_avx512;

#endif
