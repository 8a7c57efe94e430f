// Normalization of rows: the division of rows among threads, and the summation of the gradients of weight and bias.
#include <string.h>

#include "ag_elementwise.h"
#include "ag_pool.h"
#include "norm_kernels.h"
#include "scratch.h"
#include "shared.h"

enum {
  RANGE = 8192,     // elements a thread takes at a time
  MOST_RANGES = 32  // of rows, each with its own sums for the gradients of weight and bias
};

static const ag_norm_loops *norm_loops(void) { return AG_IN_USE(ag_norm_loops); }

typedef struct {
  ag_norm_rows rows;
  ag_norm_work work;
  size_t grain, sums_size;
} norm;

static void run_rows(void *context, size_t begin, size_t end) {
  const norm *k = context;
  ag_norm_work work = k->work;
  if (work.sums) work.sums = (char *)work.sums + begin / k->grain * k->sums_size;
  k->rows(&work, begin, end);
}

void ag_row_norm(ag_dtype type, size_t rows, size_t n, double epsilon, bool centred, const void *x, const void *weight,
                 const void *bias, void *y, void *statistics) {
  norm k = {.rows = norm_loops()->forward[type],
            .work = {.n = n, .epsilon = epsilon, .centred = centred, .x = x, .weight = weight, .bias = bias, .y = y,
                     .statistics = statistics}};
  ag_parallel_for(rows, n < RANGE ? RANGE / (n + 1) + 1 : 1, run_rows, &k);
}

void ag_row_norm_backward(ag_dtype type, size_t rows, size_t n, double epsilon, bool centred, const void *x,
                          const void *weight, const void *statistics, const void *dy, void *dx, void *dweight, void *dbias) {
  size_t grain = n < RANGE ? RANGE / (n + 1) + 1 : 1, fewest = (rows + MOST_RANGES - 1) / MOST_RANGES;
  if (grain < fewest) grain = fewest;
  norm k = {.rows = norm_loops()->backward[type],
            .work = {.n = n, .epsilon = epsilon, .centred = centred, .x = x, .weight = weight,
                     .statistics = (void *)statistics, .dy = dy,
                     .dx = dx},
            .grain = grain,
            .sums_size = 2 * n * ag_size(type)};
  if (!dweight) {
    ag_parallel_for(rows, grain, run_rows, &k);
    return;
  }
  size_t ranges = (rows + grain - 1) / grain, bytes = n * ag_size(type);
  k.work.sums = ag_scratch(AG_SCRATCH_CALL, ranges * k.sums_size + 1);
  memset(k.work.sums, 0, ranges * k.sums_size);
  ag_parallel_for(rows, grain, run_rows, &k);
  memset(dweight, 0, bytes);
  memset(dbias, 0, bytes);
  for (size_t i = 0; i < ranges; i++) {
    const char *sums = (const char *)k.work.sums + i * k.sums_size;
    ag_accumulate(type, n, 1, sums, dweight);
    ag_accumulate(type, n, 1, sums + bytes, dbias);
  }
}
