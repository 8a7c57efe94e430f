// Blocks of random bits, the loops that turn them into numbers, and the tables that hold these.
#ifndef AG_RANDOM_KERNELS_H
#define AG_RANDOM_KERNELS_H
#include "ag_random.h"

enum { AG_RANDOM_BLOCKS = 256 };  // the most blocks of 4 words that are drawn at a time

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011).
void ag_philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

typedef struct {
  /// The words of `blocks` blocks from `index` on; writes those of `blocks` rounded up to a multiple of 16.
  void (*draw)(uint64_t seed, uint64_t index, size_t blocks, uint32_t *words);
  /// Four standard normals from the four words of each block.
  void (*normal_f32)(size_t blocks, const uint32_t *words, float mean, float deviation, float *out);
} ag_random_loops;

extern const ag_random_loops ag_random_loops_baseline, ag_random_loops_avx2, ag_random_loops_avx512;

/// The limit that a random word is below with the given probability.
uint64_t ag_bernoulli_limit(double probability);

/// The constants of a round: two multipliers, and what is added to the key after it.
#define AG_PHILOX_M0 0xD2511F53u
#define AG_PHILOX_M1 0xCD9E8D57u
#define AG_PHILOX_W0 0x9E3779B9u
#define AG_PHILOX_W1 0xBB67AE85u
#define AG_PHILOX_ROUNDS 10

#endif
