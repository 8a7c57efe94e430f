// Dropout: a Bernoulli mask is drawn for a batch of blocks at a time, and applied while it is in the cache.
#include "ag_dropout.h"
#include "ag_pool.h"
#include "ag_simd.h"
#include "random_kernels.h"
#include "shared.h"

typedef struct {
  ag_dtype type;
  size_t n;
  uint64_t seed, offset;
  uint64_t limit;  // an element is kept if its random word is below
  double scale;
  const char *x;
  char *y;
  uint8_t *mask;
} dropout;

enum { BATCH = 4 * AG_RANDOM_BLOCKS, BATCHES_AT_A_TIME = 32 };  // values

static void draw_mask(const dropout *d, size_t first, size_t n) {
  uint32_t words[BATCH];
  AG_IN_USE(ag_random_loops)->draw(d->seed, d->offset + first / 4, (n + 3) / 4, words);
  const uint32_t last = (uint32_t)(d->limit - 1);
  const uint8_t any = d->limit > 0;
  uint8_t *mask = d->mask + first;
  AG_LOOP for (size_t i = 0; i < n; i++) mask[i] = (words[i] <= last) & any;
}

// Always multiplies first, because a branch on a random mask would be mispredicted half of the time.
#define SCALE(VALUE)                                                       \
  {                                                                        \
    const VALUE *x = (const VALUE *)d->x + first, scale = (VALUE)d->scale; \
    VALUE *y = (VALUE *)d->y + first;                                      \
    AG_LOOP for (size_t i = 0; i < n; i++) {                               \
      const VALUE scaled = x[i] * scale;                                   \
      y[i] = mask[i] ? scaled : 0;                                         \
    }                                                                      \
  }

static void apply_mask(const dropout *d, size_t first, size_t n) {
  const uint8_t *mask = d->mask + first;
  if (d->type == AG_F64) SCALE(double) else SCALE(float)
}

static size_t batch_size(const dropout *d, size_t first) { return ag_min(d->n - first, BATCH); }

static void forward(void *context, size_t begin, size_t end) {
  const dropout *d = context;
  for (size_t first = begin * BATCH; begin < end; begin++, first += BATCH) {
    draw_mask(d, first, batch_size(d, first));
    apply_mask(d, first, batch_size(d, first));
  }
}

static void backward(void *context, size_t begin, size_t end) {
  const dropout *d = context;
  for (size_t first = begin * BATCH; begin < end; begin++, first += BATCH) apply_mask(d, first, batch_size(d, first));
}

void ag_dropout(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, double keep_probability, const void *x,
                void *y, uint8_t *mask) {
  dropout d = {.type = type, .n = n, .seed = seed, .offset = offset, .x = x, .y = y, .mask = mask};
  d.limit = ag_bernoulli_limit(keep_probability);
  d.scale = 1 / keep_probability;
  ag_parallel_for((n + BATCH - 1) / BATCH, BATCHES_AT_A_TIME, forward, &d);
}

void ag_dropout_backward(ag_dtype type, size_t n, double keep_probability, const uint8_t *mask, const void *dy,
                         void *dx) {
  dropout d = {.type = type, .n = n, .scale = 1 / keep_probability, .x = dy, .y = dx, .mask = (uint8_t *)mask};
  ag_parallel_for((n + BATCH - 1) / BATCH, BATCHES_AT_A_TIME, backward, &d);
}
