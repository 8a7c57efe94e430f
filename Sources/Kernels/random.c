// Random numbers of a distribution from a stream of Philox blocks.
#include <math.h>

#include "ag_pool.h"
#include "random_kernels.h"
#include "shared.h"

void ag_philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < AG_PHILOX_ROUNDS; round++, k0 += AG_PHILOX_W0, k1 += AG_PHILOX_W1) {
    uint64_t first = (uint64_t)AG_PHILOX_M0 * c0, second = (uint64_t)AG_PHILOX_M1 * c2;
    c0 = (uint32_t)(second >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)second;
    c2 = (uint32_t)(first >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)first;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

void ag_philox(uint64_t seed, uint64_t index, uint32_t out[4]) {
  uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), 0, 0};
  uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  ag_philox_block(counter, key, out);
}

/// Turns random words into n elements of the distribution, which begin at a block.
typedef struct distribution distribution;
typedef void (*shaper)(const distribution *d, size_t n, const uint32_t *words, void *out);

struct distribution {
  shaper shape;
  ag_dtype type;
  size_t n, per_block;  // elements
  uint64_t seed, offset;
  double low, high;     // or mean and deviation, or probability and value
  int64_t least;
  uint64_t range;
  char *out;
};

/// The batches begin..<end of AG_RANDOM_BLOCKS blocks each.
static void fill_batches(void *context, size_t begin, size_t end) {
  const distribution *d = context;
  uint32_t words[4 * AG_RANDOM_BLOCKS];
  size_t per_batch = d->per_block * AG_RANDOM_BLOCKS;
  for (size_t batch = begin; batch < end; batch++) {
    size_t first = batch * per_batch;
    size_t n = ag_min(d->n - first, per_batch);
    size_t blocks = (n + d->per_block - 1) / d->per_block;
    AG_IN_USE(ag_random_loops)->draw(d->seed, d->offset + batch * AG_RANDOM_BLOCKS, blocks, words);
    d->shape(d, n, words, d->out + first * ag_size(d->type));
  }
}

static void fill(distribution *d) {
  size_t per_batch = d->per_block * AG_RANDOM_BLOCKS;
  size_t batches = (d->n + per_batch - 1) / per_batch;
  enum { BATCHES_AT_A_TIME = 16 };
  if (batches < 2 * BATCHES_AT_A_TIME) fill_batches(d, 0, batches);
  else ag_parallel_for(batches, BATCHES_AT_A_TIME, fill_batches, d);
}

/// 53 random bits.
static uint64_t bits_53(const uint32_t *words) { return ((uint64_t)words[1] << 32 | words[0]) >> 11; }

// MARK: uniform

static void uniform_f32(const distribution *d, size_t n, const uint32_t *words, void *to) {
  float *out = to, low = (float)d->low, high = (float)d->high, width = (float)(d->high - d->low);
  float last = high > low ? nextafterf(high, low) : low;  // rounding may reach the excluded end
  for (size_t i = 0; i < n; i++) {
    float x = low + width * ((float)(int32_t)(words[i] >> 8) * 0x1p-24f);
    out[i] = x < high ? x : last;
  }
}

static void uniform_f64(const distribution *d, size_t n, const uint32_t *words, void *to) {
  double *out = to, low = d->low, high = d->high, width = high - low;
  double last = high > low ? nextafter(high, low) : low;
  for (size_t i = 0; i < n; i++) {
    double x = low + width * ((double)bits_53(words + 2 * i) * 0x1p-53);
    out[i] = x < high ? x : last;
  }
}

void ag_random_uniform(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, double low, double high, void *out) {
  distribution d = {.type = type, .n = n, .seed = seed, .offset = offset, .low = low, .high = high, .out = out};
  d.per_block = type == AG_F64 ? 2 : 4;
  d.shape = type == AG_F64 ? uniform_f64 : uniform_f32;
  fill(&d);
}

// MARK: normal

static void normal_f32(const distribution *d, size_t n, const uint32_t *words, void *out) {
  float mean = (float)d->low, deviation = (float)d->high;
  AG_IN_USE(ag_random_loops)->normal_f32(n / 4, words, mean, deviation, out);
  if (n % 4 == 0) return;
  float last[4];
  AG_IN_USE(ag_random_loops)->normal_f32(1, words + n / 4 * 4, mean, deviation, last);
  for (size_t i = 0; i < n % 4; i++) ((float *)out)[n / 4 * 4 + i] = last[i];
}

static void normal_f64(const distribution *d, size_t n, const uint32_t *words, void *to) {
  double *out = to;
  for (size_t i = 0; i < n; i += 2, words += 4) {
    double r = sqrt(-2 * log(((double)bits_53(words) + 0.5) * 0x1p-53));
    double angle = (double)bits_53(words + 2) * 0x1.921fb54442d18p-51;
    out[i] = d->low + d->high * r * cos(angle);
    if (i + 1 < n) out[i + 1] = d->low + d->high * r * sin(angle);
  }
}

void ag_random_normal(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, double mean, double deviation,
                      void *out) {
  distribution d = {.type = type, .n = n, .seed = seed, .offset = offset, .low = mean, .high = deviation, .out = out};
  d.per_block = type == AG_F64 ? 2 : 4;
  d.shape = type == AG_F64 ? normal_f64 : normal_f32;
  fill(&d);
}

// MARK: Bernoulli

static void bernoulli(const distribution *d, size_t n, const uint32_t *words, void *out) {
  uint64_t limit = d->range;
#define BERNOULLI(T)                                                                     \
  {                                                                                      \
    T value = (T)d->high;                                                                \
    for (size_t i = 0; i < n; i++) ((T *)out)[i] = words[i] < limit ? value : 0;         \
    break;                                                                               \
  }
  switch (d->type) {
    case AG_F32: BERNOULLI(float)
    case AG_F64: BERNOULLI(double)
    case AG_I32: BERNOULLI(int32_t)
    case AG_I64: BERNOULLI(int64_t)
    case AG_U8: BERNOULLI(uint8_t)
    case AG_BOOL: BERNOULLI(bool)
  }
}

uint64_t ag_bernoulli_limit(double probability) {
  double bounded = probability > 0 ? probability < 1 ? probability : 1 : 0;
  return (uint64_t)(bounded * 0x1p32);
}

void ag_random_bernoulli(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, double probability, double value,
                         void *out) {
  distribution d = {.shape = bernoulli,
                    .type = type,
                    .n = n,
                    .per_block = 4,
                    .seed = seed,
                    .offset = offset,
                    .high = value,
                    .range = ag_bernoulli_limit(probability),
                    .out = out};
  fill(&d);
}

// MARK: integers

static void integers(const distribution *d, size_t n, const uint32_t *words, void *out) {
#define INTEGERS(T)                                                                                    \
  for (size_t i = 0; i < n; i++) {                                                                     \
    uint64_t bits = (uint64_t)words[2 * i + 1] << 32 | words[2 * i];                                   \
    ((T *)out)[i] = (T)((uint64_t)d->least + (uint64_t)(((unsigned __int128)bits * d->range) >> 64));  \
  }
  if (d->type == AG_I32) INTEGERS(int32_t)
  else if (d->type == AG_I64) INTEGERS(int64_t)
  else if (d->type == AG_U8) INTEGERS(uint8_t)
}

void ag_random_integers(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, int64_t low, int64_t high,
                        void *out) {
  distribution d = {.shape = integers,
                    .type = type,
                    .n = n,
                    .per_block = 2,
                    .seed = seed,
                    .offset = offset,
                    .least = low,
                    .range = (uint64_t)high - (uint64_t)low,
                    .out = out};
  fill(&d);
}
