// Distances of rows: which loops, and how rows are cut among threads.
#include "ag_distance.h"

#include "ag_pool.h"
#include "distance_kernels.h"
#include "shared.h"

enum { RANGE = 16384 };  // differences a thread takes at a time

static const ag_distance_loops *distance_loops(void) { return AG_IN_USE(ag_distance_loops); }

typedef struct {
  ag_distance_row forward;
  ag_distance_row_backward backward;
  size_t n, d, size;
  const char *x, *y, *factors;
  char *out;
} distances;

static void run_rows(void *context, size_t begin, size_t end) {
  const distances *k = context;
  for (size_t row = begin; row < end; row++) {
    const char *x = k->x + row * k->d * k->size;
    if (k->forward) k->forward(k->n, k->d, x, k->y, k->out + row * k->n * k->size);
    else k->backward(k->n, k->d, x, k->y, k->factors + row * k->n * k->size, k->out + row * k->d * k->size);
  }
}

void ag_distances(ag_dtype type, int p, size_t m, size_t n, size_t d, const void *x, const void *y_transposed, void *out) {
  distances k = {.forward = distance_loops()->forward[p - 1][type], .n = n, .d = d, .size = ag_size(type), .x = x,
                 .y = y_transposed, .out = out};
  ag_parallel_for(m, RANGE / (n * d + 1) + 1, run_rows, &k);
}

void ag_distances_backward(ag_dtype type, int p, size_t m, size_t n, size_t d, const void *x, const void *y,
                           const void *factors, void *dx) {
  distances k = {.backward = distance_loops()->backward[p - 1][type], .n = n, .d = d, .size = ag_size(type), .x = x,
                 .y = y, .factors = factors, .out = dx};
  ag_parallel_for(m, RANGE / (n * d + 1) + 1, run_rows, &k);
}
