// Distances of rows: the choice of loops, and the division of rows among threads.
#include "ag_distance.h"

#include "ag_pool.h"
#include "distance_kernels.h"
#include "shared.h"

enum {
  RANGE = 4096,  // differences a thread takes at a time
  TOGETHER = 4   // rows of a tile
};

static const ag_distance_loops *distance_loops(void) { return AG_IN_USE(ag_distance_loops); }

typedef struct {
  ag_distance_rows forward;
  ag_distance_rows_backward backward;
  size_t n, d, size;
  const char *x, *y, *factors;
  char *out;
} distances;

static void run_rows(void *context, size_t begin, size_t end) {
  const distances *k = context;
  const size_t m = end - begin, of_x = begin * k->d * k->size, of_pairs = begin * k->n * k->size;
  if (k->forward) k->forward(m, k->n, k->d, k->x + of_x, k->y, k->out + of_pairs);
  else k->backward(m, k->n, k->d, k->x + of_x, k->y, k->factors + of_pairs, k->out + of_x);
}

/// Rows per range: a multiple of the rows that a tile takes at once.
static size_t grain(size_t n, size_t d) { return (RANGE / (n * d + 1) + 1) * TOGETHER; }

void ag_distances(ag_dtype type, int p, size_t m, size_t n, size_t d, const void *x, const void *y_transposed, void *out) {
  distances k = {.forward = distance_loops()->forward[p - 1][type], .n = n, .d = d, .size = ag_size(type), .x = x,
                 .y = y_transposed, .out = out};
  ag_parallel_for(m, grain(n, d), run_rows, &k);
}

void ag_distances_backward(ag_dtype type, int p, size_t m, size_t n, size_t d, const void *x, const void *y,
                           const void *factors, void *dx) {
  distances k = {.backward = distance_loops()->backward[p - 1][type], .n = n, .d = d, .size = ag_size(type), .x = x,
                 .y = y, .factors = factors, .out = dx};
  ag_parallel_for(m, grain(n, d), run_rows, &k);
}
