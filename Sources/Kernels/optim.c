// Optimizer steps: hyperparameters are turned into the loops' constants, and long vectors are cut among threads.
#include <math.h>

#include "ag_level.h"
#include "ag_pool.h"
#include "elementwise_grid.h"
#include "optim_kernels.h"

enum { RANGE = 16384 };  // elements a thread takes at a time

static const ag_optim_loops *optim_loops(void) {
#if defined(__x86_64__)
  switch (ag_current_level()) {
    case AG_LEVEL_AVX512: return &ag_optim_loops_avx512;
    case AG_LEVEL_AVX2: return &ag_optim_loops_avx2;
    default: break;
  }
#endif
  return &ag_optim_loops_baseline;
}

typedef struct {
  ag_dtype type;
  char *p, *m, *v, *v_max;  // SGD's buffer is m
  const char *g;
  ag_sgd_rates sgd;
  ag_adam_rates adam;
} step_work;

static void run(ag_task body, step_work *work, size_t n) {
  if (n < 2 * RANGE) body(work, 0, n);
  else ag_parallel_for(n, RANGE, body, work);
}

static void *offset(char *p, size_t bytes) { return p ? p + bytes : NULL; }

static void sgd_range(void *context, size_t begin, size_t end) {
  const step_work *w = context;
  size_t at = begin * ag_size(w->type);
  optim_loops()->sgd[w->type](end - begin, w->p + at, w->g + at, offset(w->m, at), &w->sgd);
}

void ag_sgd_step(ag_dtype type, size_t n, void *p, const void *g, void *buffer, double lr, double momentum,
                 double dampening, double weight_decay, bool nesterov, bool first, bool maximize) {
  step_work work = {.type = type,
                    .p = p,
                    .g = g,
                    .m = momentum == 0 ? NULL : buffer,
                    .sgd = {.lr = lr,
                            .momentum = momentum,
                            .fresh = 1 - dampening,
                            .weight_decay = weight_decay,
                            .sign = maximize ? -1 : 1,
                            .nesterov = nesterov,
                            .first = first}};
  run(sgd_range, &work, n);
}

static void adam_range(void *context, size_t begin, size_t end) {
  const step_work *w = context;
  size_t at = begin * ag_size(w->type);
  optim_loops()->adam[w->type](end - begin, w->p + at, w->g + at, w->m + at, w->v + at, offset(w->v_max, at),
                               &w->adam);
}

void ag_adam_step(ag_dtype type, size_t n, void *p, const void *g, void *m, void *v, void *v_max, double lr,
                  double beta1, double beta2, double epsilon, double weight_decay, bool decoupled, bool maximize,
                  uint64_t step) {
  step_work work = {.type = type,
                    .p = p,
                    .g = g,
                    .m = m,
                    .v = v,
                    .v_max = v_max,
                    .adam = {.shrink = decoupled ? 1 - lr * weight_decay : 1,
                             .weight_decay = decoupled ? 0 : weight_decay,
                             .sign = maximize ? -1 : 1,
                             .fresh1 = 1 - beta1,
                             .beta2 = beta2,
                             .fresh2 = 1 - beta2,
                             .root_scale = 1 / sqrt(1 - pow(beta2, (double)step)),
                             .step_size = lr / (1 - pow(beta1, (double)step)),
                             .epsilon = epsilon}};
  run(adam_range, &work, n);
}
