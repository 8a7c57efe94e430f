// Curves: the choice of loops, and the division of elements among threads.
#include "ag_curve.h"

#include "ag_pool.h"
#include "curve_kernels.h"
#include "elementwise_grid.h"

static const ag_curve_loops *curve_loops(void) { return AG_IN_USE(ag_curve_loops); }

typedef struct {
  ag_curve_loop value;
  ag_curve_backward_loop backward;
  const double *parameters;
  size_t size;
  const char *x, *dy;
  char *out;
} curve;

static void run_range(void *context, size_t begin, size_t end) {
  const curve *k = context;
  size_t at = begin * k->size;
  if (k->value) k->value(end - begin, k->parameters, k->x + at, k->out + at);
  else k->backward(end - begin, k->parameters, k->x + at, k->dy + at, k->out + at);
}

void ag_curve(ag_curve_kind kind, ag_dtype type, size_t n, const double parameters[3], const void *x, void *y) {
  curve k = {.value = curve_loops()->value[kind][type], .parameters = parameters, .size = ag_size(type), .x = x, .out = y};
  ag_parallel_for(n, ag_range(true), run_range, &k);
}

void ag_curve_backward(ag_curve_kind kind, ag_dtype type, size_t n, const double parameters[3], const void *x,
                       const void *dy, void *dx) {
  curve k = {.backward = curve_loops()->backward[kind][type], .parameters = parameters, .size = ag_size(type), .x = x,
             .dy = dy, .out = dx};
  ag_parallel_for(n, ag_range(true), run_range, &k);
}
